import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from '../command/git-command';
import { branchRef } from '../command/names';

/** What a clone knows of the branch that its main follows, as of the last fetch. */
export interface Upstream {
  readonly remote: string;
  /** Its name there: `refs/heads/main`. */
  readonly remoteRef: string;
  /** Its name here, for people: `origin/main`. */
  readonly name: string;
  /** null where it was never fetched, or is gone. */
  readonly oid: string | null;
  /** Commits that main has alone, and commits that it lacks. */
  readonly ahead: number;
  readonly behind: number;
  /** When anything was fetched last; null where that is not known. */
  readonly fetchedAt: Date | null;
}

/** @param gitDir of the clone. @param main or the branch that it stands for as a symbolic ref. @returns null where main follows no branch of another repository. */
export async function upstreamOf(git: Git, gitDir: string, main: string): Promise<Upstream | null> {
  return upstreamOfRef(git, gitDir, branchRef(main));
}

async function upstreamOfRef(git: Git, gitDir: string, ref: string): Promise<Upstream | null> {
  const atoms = ['symref', 'upstream', 'upstream:short', 'upstream:remotename', 'upstream:remoteref'];
  const format = `--format=${atoms.map((atom) => `%(${atom})`).join('%00')}`;
  const text = await git.text(['for-each-ref', format, ref], { cwd: gitDir });
  const [branch = '', tracking = '', name = '', remote = '', remoteRef = ''] = (text.split('\n')[0] ?? '').split('\0');
  // Of a symbolic ref git tells the branch at its end, whatever number of steps away.
  if (branch !== '') return upstreamOfRef(git, gitDir, branch);
  // A branch of the clone itself is followed by the name of no remote.
  if (tracking === '' || remote === '' || remote === '.') return null;
  const seen = await git.run(['rev-parse', '--verify', '--quiet', `${tracking}^{commit}`], {
    cwd: gitDir,
    answers: [0, 1],
  });
  const oid = seen.exitCode === 0 ? seen.stdout : null;
  const counts = oid === null ? '0\t0' : await git.text(countsOf(ref, oid), { cwd: gitDir });
  const [ahead = 0, behind = 0] = counts.split('\t').map(Number);
  return { remote, remoteRef, name, oid, ahead, behind, fetchedAt: await fetchedAt(gitDir) };
}

/** Names of the remotes of a clone. */
export async function remotesOf(git: Git, gitDir: string): Promise<readonly string[]> {
  return (await git.text(['remote'], { cwd: gitDir })).split('\n').filter(Boolean);
}

function countsOf(ref: string, oid: string): readonly string[] {
  return ['rev-list', '--left-right', '--count', `${ref}...${oid}`];
}

/** Git writes that file at every fetch. */
function fetchedAt(gitDir: string): Promise<Date | null> {
  return stat(join(gitDir, 'FETCH_HEAD')).then(
    ({ mtime }) => mtime,
    () => null,
  );
}
