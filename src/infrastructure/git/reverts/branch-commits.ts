import type { Oid } from '../../../domain/ids';
import type { Git } from '../command/git-command';
import { SETTINGS } from './changes-text';

/** Commits of a branch that are looked at for what they say and where it was cut. */
const MOST_COMMITS = 1_000;

export interface BranchCommit {
  readonly oid: Oid;
  readonly parents: readonly Oid[];
  readonly message: string;
}

/** What a branch has and main has not, newest first. */
export async function branchCommits(
  git: Git,
  cwd: string,
  { base, head }: { readonly base: Oid; readonly head: Oid },
): Promise<readonly BranchCommit[]> {
  const args = ['log', `--max-count=${MOST_COMMITS}`, '--format=%H%x00%P%x00%B%x00', `${base}..${head}`, '--'];
  const fields = (await git.text(args, { cwd, settings: SETTINGS })).split('\0');
  const commits: BranchCommit[] = [];
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [oid = '', parents = '', message = ''] = fields.slice(at, at + 3);
    commits.push({ oid: oid.trim(), parents: parents.split(' ').filter(Boolean), message });
  }
  return commits;
}

/** Where the branch was cut, whatever it has merged since: the state that its author began with. */
export function forkOf(commits: readonly BranchCommit[], head: Oid): Oid | null {
  const parentOf = new Map(commits.map(({ oid, parents }) => [oid, parents[0] ?? null]));
  let at: Oid | null = head;
  while (at !== null && parentOf.has(at)) at = parentOf.get(at) ?? null;
  return at;
}
