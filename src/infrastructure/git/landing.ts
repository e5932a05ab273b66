import { existsSync, rmSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { failpoint } from '../../application/failpoint';
import { GIT_STEP_MS } from '../../domain/task/job';
import {
  GitError,
  type Landing,
  type LandingOutcome,
  type LandingRecovery,
  type RepositoryRef,
} from '../../application/ports/git-workspace';
import type { Git } from './git-command';
import { refFacts } from './inspect';
import { branchRef, epochRef, taskRef } from './names';

/** Everything one landing touches in the target. */
interface Place {
  readonly git: Git;
  readonly repository: RepositoryRef;
  /** The service's own clone, which has the candidate. */
  readonly bare: string;
}

/** Moves main in one transaction that also proves the lease, the gated head and that this never happened before. */
export async function land(place: Place, landing: Landing): Promise<LandingOutcome> {
  const { git, repository, bare } = place;
  const { path: cwd, main } = repository;
  const { newOid, baseOid, headOid } = landing;
  const checkedOut = (await refFacts(git, cwd, [branchRef(main)])).get(branchRef(main))?.worktree ?? null;
  if (checkedOut !== null && !(await isBare(git, cwd))) {
    return { kind: 'lock-busy', detail: `${main} is checked out at ${checkedOut}; switch to another branch there` };
  }
  // Nothing in the transaction looks at ancestry: a candidate that is not on top of main would rewind it.
  await git.run(['merge-base', '--is-ancestor', baseOid, newOid], { cwd: bare });
  await failpoint('land.beforeFetch');
  if (newOid !== headOid) {
    const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-auto-gc'];
    await git.run(['fetch', ...options, '--end-of-options', `file://${bare}`, newOid], { cwd });
  }
  await failpoint('land.beforeTransaction');
  const transaction = [
    'start',
    `verify ${epochRef(repository.project)} ${landing.epochOid}`,
    `verify ${branchRef(landing.branch)} ${headOid}`,
    // Before the record: git renames refs in this order, and a record without the move would be a lie after a crash.
    `update ${branchRef(main)} ${newOid} ${baseOid}`,
    `create ${taskRef('landed', landing.task)} ${newOid}`,
    'prepare',
    'commit',
    '',
  ].join('\n');
  const message = `stagegate: land ${landing.task} claim ${landing.claimRevision}`;
  const args = ['update-ref', '--stdin', '-m', message];
  const { exitCode, stderr } = await git.run(args, { cwd, input: transaction, answers: [0, 1, 128] });
  await failpoint('land.afterTransaction');
  return exitCode === 0 ? { kind: 'landed' } : whyRefused(place, landing, stderr);
}

/** Asks the refs, not the message: what they say now is why the transaction cannot succeed. */
async function whyRefused(place: Place, landing: Landing, stderr: string): Promise<LandingOutcome> {
  const recovered = await recoverLanding(place, landing);
  if (recovered.kind !== 'not-landed') return recovered.kind === 'landed' ? { kind: 'landed' } : recovered;
  const { git, repository } = place;
  const [epoch, head, main] = [epochRef(repository.project), branchRef(landing.branch), branchRef(repository.main)];
  const refs = await refFacts(git, repository.path, [epoch, head, main]);
  if (refs.get(epoch)?.oid !== landing.epochOid) return { kind: 'epoch-lost' };
  if (refs.get(head)?.oid !== landing.headOid) return { kind: 'head-moved' };
  if (refs.get(main)?.oid !== landing.baseOid) return { kind: 'main-moved' };
  return { kind: 'lock-busy', detail: stderr.slice(0, 300) };
}

/** The landed record decides; where a crash left main moved without it, the record is made good. */
export async function recoverLanding(place: Place, { task, newOid }: Landing): Promise<LandingRecovery> {
  const { git, repository } = place;
  const { path: cwd, main } = repository;
  await removeStaleLocks(git, cwd, [epochRef(repository.project), branchRef(main), taskRef('landed', task)]);
  const [landedRef, mainRef] = [taskRef('landed', task), branchRef(main)];
  const refs = await refFacts(git, cwd, [landedRef, mainRef]);
  if (refs.get(landedRef)?.oid === newOid) return { kind: 'landed', recovered: true };
  const mainOid = refs.get(mainRef)?.oid;
  if (!mainOid) throw new GitError('GIT_MAIN_MISSING', `expected a branch ${main} in ${cwd}, saw none`);
  if (!(await isOnMain(git, cwd, newOid, mainOid))) return { kind: 'not-landed' };
  const args = ['update-ref', '-m', `stagegate: ${task} had landed`, landedRef, newOid];
  const { exitCode, stderr } = await git.run(args, { cwd, answers: [0, 1, 128] });
  return exitCode === 0 ? { kind: 'landed', recovered: true } : { kind: 'lock-busy', detail: stderr.slice(0, 300) };
}

async function isOnMain(git: Git, cwd: string, newOid: string, mainOid: string): Promise<boolean> {
  const { exitCode, stderr } = await git.run(['merge-base', '--is-ancestor', newOid, mainOid], {
    cwd,
    answers: [0, 1, 128],
  });
  if (exitCode === 0) return true;
  // An unknown commit cannot be on main: its objects never reached the target.
  if (exitCode === 1 || /not a valid commit|Not a valid (?:commit|object)|bad object/i.test(stderr)) return false;
  throw new GitError('GIT_FAILED', `git merge-base in ${cwd}: ${stderr.slice(0, 300)}`);
}

/** No command of ours lives longer than this; a lock that is older has lost its owner. */
const LOCK_LIFE_MS = GIT_STEP_MS + 30_000;

async function removeStaleLocks(git: Git, cwd: string, refs: readonly string[]): Promise<void> {
  const dir = (await git.text(['rev-parse', '--path-format=absolute', '--git-common-dir'], { cwd })).trim();
  for (const path of refs.map((ref) => join(dir, `${ref}.lock`))) {
    if (!existsSync(path)) continue;
    const { mtimeMs } = statSync(path);
    const isOfAnotherBoot = mtimeMs < Date.now() - uptime() * 1000;
    if (isOfAnotherBoot || Date.now() - mtimeMs > LOCK_LIFE_MS) rmSync(path, { force: true });
  }
}

async function isBare(git: Git, cwd: string): Promise<boolean> {
  return (await git.text(['rev-parse', '--is-bare-repository'], { cwd })) === 'true';
}
