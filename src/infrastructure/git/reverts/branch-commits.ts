import type { Oid } from '../../../domain/ids';
import type { Git } from '../command/git-command';
import { SETTINGS } from './changes-text';

/** Commits of a branch that are looked at for what they say and where it was cut. */
const MOST_COMMITS = 1_000;

export interface BranchCommit {
  readonly oid: Oid;
  readonly parents: readonly Oid[];
  readonly message: string;
  readonly author: string;
  /** When it was written, which a copy keeps. */
  readonly at: string;
}

/** What a branch has and main has not, newest first. */
export async function branchCommits(
  git: Git,
  cwd: string,
  { base, head }: { readonly base: Oid; readonly head: Oid },
): Promise<readonly BranchCommit[]> {
  const args = [
    'log',
    `--max-count=${MOST_COMMITS}`,
    '--format=%H%x00%P%x00%an%x00%aI%x00%B%x00',
    `${base}..${head}`,
    '--',
  ];
  const fields = (await git.text(args, { cwd, settings: SETTINGS })).split('\0');
  const commits: BranchCommit[] = [];
  for (let at = 0; at + 4 < fields.length; at += 5) {
    const [oid = '', parents = '', author = '', when = '', message = ''] = fields.slice(at, at + 5);
    commits.push({ oid: oid.trim(), parents: parents.split(' ').filter(Boolean), author, at: when, message });
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

/** Which of the landed commits are copies of the branch's, as a rebase makes them, and of which. */
export function copiesAmong(
  landed: readonly Omit<BranchCommit, 'parents'>[],
  branch: readonly BranchCommit[],
): ReadonlyMap<Oid, readonly Oid[]> {
  const nameOf = ({ author, at, message }: Omit<BranchCommit, 'oid' | 'parents'>) =>
    [author, at, message.trim()].join('\0');
  const originals = new Map<string, readonly Oid[]>();
  for (const commit of branch) originals.set(nameOf(commit), [...(originals.get(nameOf(commit)) ?? []), commit.oid]);
  return new Map(
    landed.flatMap((commit) => {
      const found = originals.get(nameOf(commit));
      return found ? [[commit.oid, found] as const] : [];
    }),
  );
}
