import { isBranchName, type Oid } from '../../../domain/ids';
import { instant, type Instant } from '../../../domain/instant';
import type { Landing } from '../../../domain/landings/landing';
import { GitError } from '../../../application/ports/git-workspace';
import { Git } from '../command/git-command';
import { SETTINGS } from '../reverts/changes-text';

/** Commits that are held at once, however long the history is. */
const PAGE = 500;
const FIELDS = 6;

/** A tip to walk from, and what it is called. */
export interface Tip {
  readonly oid: Oid;
  readonly name: string;
}

/**
 * @param branch a local or a remote-tracking one; null for what HEAD points to.
 * @throws GitError GIT_BRANCH_MISSING for an unknown one, and where there is no commit at all.
 */
export async function tipOf(repository: string, branch: string | null): Promise<Tip> {
  const git = new Git();
  if (branch === null) return headOf(git, repository);
  if (isBranchName(branch))
    for (const name of [`refs/heads/${branch}`, `refs/remotes/${branch}`]) {
      const oid = await commitOf(git, repository, name);
      if (oid !== null) return { oid, name: branch };
    }
  throw new GitError('GIT_BRANCH_MISSING', `expected a branch of ${repository}, saw ${JSON.stringify(branch)}`);
}

async function headOf(git: Git, repository: string): Promise<Tip> {
  const oid = await commitOf(git, repository, 'HEAD');
  const { stdout } = await git.run(['symbolic-ref', '--quiet', '--short', 'HEAD'], {
    cwd: repository,
    answers: [0, 1],
  });
  const name = stdout === '' ? 'HEAD' : stdout;
  if (oid !== null) return { oid, name };
  throw new GitError(
    'GIT_BRANCH_MISSING',
    `${repository}: expected commits on ${name}, saw none; name another --branch`,
  );
}

/** @param name of a ref, or a commit's own; null where there is none. */
export async function commitOf(git: Git, repository: string, name: string): Promise<Oid | null> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  const { exitCode, stdout } = await git.run(args, { cwd: repository, answers: [0, 1, 128] });
  return exitCode === 0 ? stdout : null;
}

/** Where a walk ends: behind a commit, or where everything is older. */
export interface WalkEnd {
  readonly since: Instant | null;
  readonly behind: Oid | null;
  readonly limit: number;
  /** Told when there are more. */
  readonly onLimit: () => void;
}

/** The landings of a branch, newest first, a page at a time. */
export async function* landingsOf(git: Git, cwd: string, tip: Oid, end: WalkEnd): AsyncGenerator<Landing> {
  let next: Oid | null = tip;
  let count = 0;
  while (next !== null) {
    const page: readonly Landing[] = await pageOf(git, cwd, next, end.behind);
    let isAllOld = page.length > 0;
    for (const landing of page) {
      if (end.since !== null && landing.at !== null && landing.at < end.since) continue;
      isAllOld = false;
      if (count === end.limit) {
        end.onLimit();
        return;
      }
      count += 1;
      yield landing;
    }
    // Clocks of committers differ: an old date among newer ones ends nothing.
    if (isAllOld || page.length < PAGE) return;
    next = page.at(-1)?.parents[0] ?? null;
  }
}

async function pageOf(git: Git, cwd: string, from: Oid, behind: Oid | null): Promise<readonly Landing[]> {
  const range = behind === null ? [from] : [from, `^${behind}`];
  const format = '--format=%H%x00%P%x00%T%x00%an%x00%ct%x00%s';
  const args = ['log', '-z', '--first-parent', '--no-show-signature', `--max-count=${PAGE}`, format, ...range, '--'];
  const text = await git.text(args, { cwd, settings: SETTINGS });
  const fields = text === '' ? [] : text.split('\0');
  const landings: Landing[] = [];
  for (let at = 0; at + FIELDS <= fields.length; at += FIELDS) {
    const [oid = '', parents = '', treeOid = '', author = '', seconds = '', subject = ''] = fields.slice(
      at,
      at + FIELDS,
    );
    landings.push({
      oid,
      parents: parents.split(' ').filter(Boolean),
      treeOid,
      author,
      at: momentOf(seconds),
      subject,
    });
  }
  return landings;
}

/** Commits may bear any number; not every one is a time. */
function momentOf(seconds: string): Instant | null {
  const ms = Number(seconds) * 1_000;
  return /^\d{1,11}$/.test(seconds) && ms <= 8.64e15 ? instant(ms) : null;
}
