import { BoundedMap } from '../../../application/bounded-map';
import type { Git } from '../command/git-command';
import { isAttributeFile } from '../run-clone/attributes';
import { entriesOf, gitlinksIn, type TreeEntry } from '../fetching/tree-faults';

/** A tree entry that is a commit of another repository. */
export interface Gitlink {
  /** Byte by byte (latin1). */
  readonly path: string;
  readonly oid: string;
}

/** What of a commit's tree needs more than its objects to be a folder of files. */
export interface TreeContents {
  readonly gitlinks: readonly Gitlink[];
  /** The blob of `.gitmodules`; null where it has none. */
  readonly modulesOid: string | null;
  readonly hasAttributes: boolean;
}

const GITLINK = '160000 ';
const ATTRIBUTES = /[\t/]\.gitattributes$/;

/** One look, whatever is in there: most trees have nothing of it. */
export async function treeContents(git: Git, cwd: string, oid: string): Promise<TreeContents> {
  const listing = await git.text(['ls-tree', '-r', '-z', '--full-tree', oid], { cwd, encoding: 'latin1' });
  const lines = listing.split('\0');
  const links = lines.filter((line) => line.startsWith(GITLINK));
  const modules = lines.find((line) => line.endsWith('\t.gitmodules') && line.startsWith('100'));
  return {
    gitlinks: entriesOf(links.join('\0')).map(({ path, oid: of }) => ({ path, oid: of })),
    modulesOid: modules?.split('\t', 1)[0]?.split(' ')[2] ?? null,
    hasAttributes: lines.some((line) => ATTRIBUTES.test(line)),
  };
}

/** The same of entries that were listed for another reason. */
export function contentsIn(entries: readonly TreeEntry[]): TreeContents {
  return {
    gitlinks: gitlinksIn(entries).map(({ path, oid }) => ({ path, oid })),
    modulesOid: entries.find(({ path, mode }) => path === '.gitmodules' && mode.startsWith('100'))?.oid ?? null,
    hasAttributes: entries.some(({ path }) => isAttributeFile(path)),
  };
}

const MOST_KNOWN = 1_000;

/** What was seen of commits, which cannot change. */
export class TreeCache {
  private readonly known = new BoundedMap<string, TreeContents>(MOST_KNOWN);

  get(commit: string): TreeContents | undefined {
    return this.known.get(commit);
  }

  note(commit: string, contents: TreeContents): void {
    this.known.set(commit, contents);
  }

  /** Looks at those only that nobody has looked at. */
  async of(git: Git, cwd: string, commit: string): Promise<TreeContents> {
    const contents = this.known.get(commit) ?? (await treeContents(git, cwd, commit));
    this.note(commit, contents);
    return contents;
  }
}
