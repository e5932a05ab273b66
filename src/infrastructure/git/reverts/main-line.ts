import type { Oid } from '../../../domain/ids';
import type { Git } from '../command/git-command';
import { SETTINGS } from './changes-text';

/** Beside the line itself: commits that branches brought in merges. */
const SIDE_TIMES = 8;

interface Node {
  readonly oid: Oid;
  readonly parents: readonly Oid[];
  readonly subject: string;
}

export interface MainLine {
  /** What main was, newest first. */
  readonly oids: readonly Oid[];
  /** Whether these are the first parents; else main took over a branch that had merged it. */
  readonly isFirstParents: boolean;
}

/**
 * What main was before each landing. That is the first parent, but where a branch merged main and main was then moved to that merge: there the
 * branch comes first, and main is what it merged. Git's own subject of such a merge names it.
 *
 * @param name what main is called; null where nobody asks for such merges.
 */
export async function mainLine(
  git: Git,
  cwd: string,
  { base, most, name }: { readonly base: Oid; readonly most: number; readonly name: string | null },
): Promise<MainLine> {
  const isOfMain = name === null ? () => false : mergesOf(name);
  const line = await nodes(git, cwd, ['--first-parent', `--max-count=${most}`, base]);
  if (!line.some(isOfMain)) return { oids: line.map(({ oid }) => oid), isFirstParents: true };
  const all = await nodes(git, cwd, [`--max-count=${most * SIDE_TIMES}`, base]);
  const known = new Map(all.map((node) => [node.oid, node]));
  const oids: Oid[] = [];
  for (let at = known.get(base); at && oids.length < most;) {
    oids.push(at.oid);
    at = known.get(at.parents[isOfMain(at) ? 1 : 0] ?? '');
  }
  return { oids, isFirstParents: false };
}

/** `Merge branch 'main' into feature`, `Merge remote-tracking branch 'origin/main' into feature`, `Merge branch 'main' of example.org:web`. */
function mergesOf(name: string): (node: Node) => boolean {
  const main = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const subject = new RegExp(`^Merge (?:remote-tracking\\s)?branch '(?:[^' ]+/)?${main}'(?: of \\S+)?(?: into (.+))?$`);
  return ({ parents, subject: text }) => {
    const found = parents.length === 2 ? subject.exec(text) : null;
    return found !== null && found[1] !== name && found[1] !== `'${name}'`;
  };
}

async function nodes(git: Git, cwd: string, args: readonly string[]): Promise<readonly Node[]> {
  const text = await git.text(['log', '--format=%H %P%x00%s', ...args, '--'], { cwd, settings: SETTINGS });
  return text.split('\n').flatMap((line) => {
    const [oids = '', subject = ''] = line.split('\0');
    const [oid, ...parents] = oids.split(' ').filter(Boolean);
    return oid === undefined ? [] : [{ oid, parents, subject }];
  });
}
