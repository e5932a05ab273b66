import {
  GitError,
  type Landing,
  type LandingRecovery,
  type RepositoryRef,
} from '../../../application/ports/git-workspace';
import { nothing } from './advance-ref';
import { isLocked, type Git } from '../command/git-command';
import { branchRef, taskRef } from '../command/names';
import { refFacts } from './ref-facts';
import { removeStaleLocks } from '../own-clone/stale-locks';
import { withinSentence } from '../../../domain/within-sentence';

/** The landed record decides; where a crash left main moved without it, the record is made good. */
export async function recoverLanding(
  git: Git,
  { path: cwd, main }: RepositoryRef,
  { task, branch, newOid, lease }: Landing,
): Promise<LandingRecovery> {
  const [landedRef, mainRef] = [taskRef('landed', task), branchRef(main)];
  // HEAD is locked too, for its reflog, where it is main.
  await removeStaleLocks(git, cwd, [lease.ref, branchRef(branch), mainRef, landedRef, 'HEAD']);
  const refs = await refFacts(git, cwd, [landedRef, mainRef]);
  if (refs.get(landedRef)?.oid === newOid) return { kind: 'landed', recovered: true };
  const mainOid = refs.get(mainRef)?.oid;
  if (!mainOid) throw new GitError('GIT_MAIN_MISSING', `expected a branch ${main} in ${cwd}, saw none`);
  if (!(await isOnMain(git, cwd, newOid, mainOid))) return { kind: 'not-landed' };
  const args = ['update-ref', '-m', `stagegate: ${task} had landed`, landedRef, newOid, nothing(newOid)];
  const { exitCode, stderr } = await git.run(args, { cwd, answers: [0, 1, 128] });
  if (exitCode === 0) return { kind: 'landed', recovered: true };
  if (isLocked(stderr)) return { kind: 'lock-busy', detail: stderr.slice(0, 300) };
  throw new GitError('GIT_FAILED', `git update-ref ${landedRef} in ${cwd}: ${withinSentence(stderr.slice(0, 300))}`);
}

async function isOnMain(git: Git, cwd: string, newOid: string, mainOid: string): Promise<boolean> {
  const { exitCode, stderr } = await git.run(['merge-base', '--is-ancestor', newOid, mainOid], {
    cwd,
    answers: [0, 1, 128],
  });
  if (exitCode === 0) return true;
  // An unknown commit cannot be on main: its objects never reached the target.
  if (exitCode === 1 || /not a valid commit|Not a valid (?:commit|object)|bad object/i.test(stderr)) return false;
  throw new GitError('GIT_FAILED', `git merge-base in ${cwd}: ${withinSentence(stderr.slice(0, 300))}`);
}
