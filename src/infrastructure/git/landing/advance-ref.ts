import { GitError } from '../../../application/ports/git-workspace';
import { isLocked, type Git } from '../command/git-command';
import { refOid } from './ref-facts';
import { removeStaleLocks } from '../own-clone/stale-locks';
import { withinSentence } from '../../../domain/within-sentence';

const ATTEMPTS = 5;

/**
 * Moves a ref on from whatever it is, so that nothing that somebody else set meanwhile is overwritten unseen.
 *
 * @param options further options of git and of `update-ref`, where it needs any.
 * @param next what the ref is to be, given what it is; null when it is fine. Asked again after every lost race.
 * @throws GitError `GIT_LOCKED` when others hold or change it all the time.
 */
export async function advanceRef(
  git: Git,
  { cwd, ref, options = [] }: { cwd: string; ref: string; options?: readonly string[] },
  next: (current: string | null) => Promise<string | null>,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const current = await refOid(git, cwd, ref);
    const oid = await next(current);
    if (oid === null) return;
    const update = [...options, 'update-ref', '-m', `stagegate: ${ref}`, ref, oid, current ?? nothing(oid)];
    const { exitCode, stderr } = await git.run(update, { cwd, answers: [0, 1, 128] });
    if (exitCode === 0) return;
    // Git that was killed leaves its lock, and everybody after it would wait for it.
    if (isLocked(stderr) && (await removeStaleLocks(git, cwd, [ref]))) continue;
    if (!/but expected|reference already exists/.test(stderr))
      throw new GitError('GIT_LOCKED', `${ref}: ${withinSentence(stderr.slice(0, 300))}`);
  }
  throw new GitError('GIT_LOCKED', `${ref}: changed ${ATTEMPTS} times while it was being set`);
}

/** Where a ref is compared with this, it must not exist. */
export function nothing(oid: string): string {
  return '0'.repeat(oid.length);
}
