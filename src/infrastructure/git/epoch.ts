import type { LaneLease, RepositoryRef } from '../../application/ports/git-workspace';
import { GitError } from '../../application/ports/git-workspace';
import { isLocked, type Git } from './git-command';
import { refFacts } from './ref-facts';
import { epochRef } from './names';
import { removeStaleLocks } from './stale-locks';

interface Grant {
  readonly task: string;
  /** The lane grant's revision: later grants have larger ones. */
  readonly epoch: string;
  readonly log: string;
}

const ATTEMPTS = 5;
/** A lease is no commit, and a repository's own housekeeping complains of reflogs that hold anything else. */
const NO_REFLOG = ['-c', 'core.logAllRefUpdates=false'];

/**
 * Writes a lane grant into the target repository. The landing transaction verifies it, so whoever holds an older grant
 * can no longer land.
 *
 * @returns the lease; that of an older grant than the one in force never passes the verification.
 */
export async function takeEpoch(git: Git, { path: cwd, project }: RepositoryRef, grant: Grant): Promise<LaneLease> {
  const { task, epoch, log } = grant;
  const oid = await git.text(['hash-object', '-w', '--stdin'], { cwd, input: JSON.stringify({ task, epoch }) });
  const lease = { ref: epochRef(project, log), oid };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const current = (await refFacts(git, cwd, [lease.ref])).get(lease.ref)?.oid ?? null;
    if (current === oid) return lease;
    if (current !== null && (await epochOf(git, cwd, { ...lease, oid: current })) >= BigInt(epoch)) return lease;
    const update = ['update-ref', lease.ref, oid, current ?? nothing(oid)];
    const { exitCode, stderr } = await git.run([...NO_REFLOG, ...update], { cwd, answers: [0, 1, 128] });
    if (exitCode === 0) return lease;
    // Git that was killed in a landing leaves this lock, and every later grant would wait for it.
    if (isLocked(stderr) && (await removeStaleLocks(git, cwd, [lease.ref]))) continue;
    if (!/but expected|reference already exists/.test(stderr))
      throw new GitError('GIT_LOCKED', `${lease.ref}: ${stderr.slice(0, 300)}`);
  }
  throw new GitError('GIT_LOCKED', `${lease.ref}: changed ${ATTEMPTS} times while it was being taken`);
}

/** Where a ref is compared with this, it must not exist. */
export function nothing(oid: string): string {
  return '0'.repeat(oid.length);
}

async function epochOf(git: Git, cwd: string, { ref, oid }: LaneLease): Promise<bigint> {
  const text = await git.text(['cat-file', 'blob', oid], { cwd });
  const epoch = /^\{"task":"[^"]*","epoch":"(\d+)"\}$/.exec(text)?.[1];
  if (epoch !== undefined) return BigInt(epoch);
  const seen = JSON.stringify(text.slice(0, 100));
  throw new GitError('GIT_FAILED', `${ref} in ${cwd}: expected a lane's lease, saw ${seen}; delete the ref`);
}
