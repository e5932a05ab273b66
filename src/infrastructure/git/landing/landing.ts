import { failpoint } from '../../../application/failpoint';
import {
  GitError,
  type Landing,
  type LandingOutcome,
  type LandingRecovery,
  type RepositoryRef,
} from '../../../application/ports/git-workspace';
import { isLocked, type Git, type GitResult } from '../command/git-command';
import { branchRef, taskRef } from '../command/names';
import { FETCH_OPTIONS } from '../fetching/fetch-heads';
import { recoverLanding } from './landing-recovery';
import { refFacts } from './ref-facts';
import { smallPack, unpacked } from '../fetching/small-pack';
import { together } from '../../../application/together';
import type { Following, Move } from '../work-tree/follow';
import { withinSentence } from '../../../domain/within-sentence';

/** Everything one landing touches in the target. */
export interface Place {
  readonly git: Git;
  readonly repository: RepositoryRef;
  /** A view of the service's own clone, which has the candidate. */
  readonly bare: string;
  readonly following: Following;
}

/** Moves main in one transaction that also proves the lease, the gated head and that this never happened before. */
export async function land(place: Place, landing: Landing): Promise<LandingOutcome> {
  const { git, repository, bare } = place;
  const { path: cwd } = repository;
  const { newOid, baseOid, headOid } = landing;
  const isHead = newOid === headOid;
  // Nothing in the transaction looks at ancestry: a candidate that is not on top of main would rewind it.
  const isOnTop = git.run(['merge-base', '--is-ancestor', baseOid, newOid], { cwd: isHead ? cwd : bare });
  const known = await together(isHead ? Promise.resolve(null) : packed(place, landing), isOnTop).catch(
    async (error: unknown) => {
      if (isHead || (await hasCommit(git, bare, newOid))) throw error;
      return null;
    },
  );
  if (known === null) return withoutCandidate(place, landing);
  await failpoint('land.beforeFetch');
  if (!isHead) await bringCandidate(place, landing, known[0]);
  await failpoint('land.beforeTransaction');
  return place.following.land(repository, landing, async (where) => {
    const ended = await moveMain(place, landing, where).catch((error: unknown) => error);
    await failpoint('land.afterTransaction');
    return isResult(ended) && ended.exitCode === 0 ? { kind: 'landed' } : whyNot(place, landing, ended);
  });
}

/** What the target lacks of the candidate. The transaction proves that it has the other two. */
function packed({ git, bare }: Place, { newOid, baseOid, headOid }: Landing): Promise<Buffer | null> {
  return smallPack(git, bare, { want: [newOid], have: [baseOid, headOid] });
}

async function bringCandidate({ git, repository, bare }: Place, { newOid }: Landing, pack: Buffer | null) {
  const { path: cwd } = repository;
  if (pack !== null && (await unpacked(git, cwd, pack))) return;
  // By its path: for an URL the target's configuration could name the program that answers. Nor may it rewrite the path.
  const settings = { [`url.${bare}.insteadOf`]: bare };
  await git.run(['fetch', ...FETCH_OPTIONS, '--end-of-options', bare, newOid], { cwd, settings });
}

/** It cannot land now; that it landed before is for git to say. */
async function withoutCandidate(place: Place, landing: Landing): Promise<LandingOutcome> {
  const recovered = await askAgain(place, landing);
  if (recovered.kind === 'lock-busy') return recovered;
  return recovered.kind === 'landed' ? { kind: 'landed' } : { kind: 'candidate-lost' };
}

/** The clone may have been made anew since the candidate was tested. */
async function hasCommit(git: Git, cwd: string, oid: string): Promise<boolean> {
  const { exitCode } = await git.run(['cat-file', '-e', `${oid}^{commit}`], { cwd, answers: [0, 1, 128] });
  return exitCode === 0;
}

/** In the work tree that follows, so that git notes the move of its HEAD too. */
function moveMain({ git, repository }: Place, landing: Landing, where: Parameters<Move>[0]): Promise<GitResult> {
  const { task, branch, headOid, newOid, baseOid, lease, claimRevision } = landing;
  const transaction = [
    'start',
    `verify ${lease.ref} ${lease.oid}`,
    `verify ${branchRef(branch)} ${headOid}`,
    // Before the record: git renames refs in this order, and a record without the move would be a lie after a crash.
    `update ${branchRef(repository.main)} ${newOid} ${baseOid}`,
    `create ${taskRef('landed', task)} ${newOid}`,
    'prepare',
    'commit',
    '',
  ].join('\n');
  const args = ['update-ref', '--stdin', '-m', `stagegate: land ${task} claim ${claimRevision}`];
  return git.run(args, { cwd: repository.path, ...where, input: transaction, answers: [0, 1, 128] });
}

/** Asks the refs, not the message: what they say now is how the transaction ended, or why it cannot succeed. */
async function whyNot(place: Place, landing: Landing, ended: unknown): Promise<LandingOutcome> {
  const recovered = await askAgain(place, landing);
  if (recovered.kind !== 'not-landed') return recovered.kind === 'landed' ? { kind: 'landed' } : recovered;
  // git was cut short, and had moved nothing.
  if (!isResult(ended)) throw ended;
  const { git, repository } = place;
  const { lease, task } = landing;
  const [head, main, record] = [branchRef(landing.branch), branchRef(repository.main), taskRef('landed', task)];
  const refs = await refFacts(git, repository.path, [lease.ref, head, main, record]);
  const before = refs.get(record)?.oid;
  if (before) throw landedBefore(place, landing, before);
  if (refs.get(lease.ref)?.oid !== lease.oid) return { kind: 'epoch-lost' };
  if (refs.get(head)?.oid !== landing.headOid) return { kind: 'head-moved' };
  if (refs.get(main)?.oid !== landing.baseOid) return { kind: 'main-moved' };
  if (isLocked(ended.stderr)) return { kind: 'lock-busy', detail: ended.stderr.slice(0, 300) };
  throw new GitError(
    'GIT_FAILED',
    `git update-ref in ${repository.path}: ${withinSentence(ended.stderr.slice(0, 300))}`,
  );
}

async function askAgain(place: Place, landing: Landing): Promise<LandingRecovery> {
  try {
    return await recoverLanding(place.git, place.repository, landing);
  } catch (cause) {
    const text = `expected git to say whether ${landing.task} has landed, saw ${String(cause)}`;
    throw new GitError('GIT_OUTCOME_UNKNOWN', text, { cause });
  }
}

/** Possible only where the log is younger than the repository's refs: it was lost, or restored from a backup. */
function landedBefore({ repository }: Place, { task, newOid }: Landing, before: string): GitError {
  const ref = taskRef('landed', task);
  const text = `${ref} in ${repository.path}: expected none or ${newOid}, saw ${before}; this task has landed before`;
  return new GitError('GIT_LANDED_BEFORE', `${text}: submit the change under another id`);
}

function isResult(ended: unknown): ended is GitResult {
  return !(ended instanceof Error);
}
