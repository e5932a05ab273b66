import type { Git } from '../git-command';
import { entriesOf } from '../tree-faults';

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
