import type { LaneLease, RepositoryRef } from '../../application/ports/git-workspace';
import { GitError } from '../../application/ports/git-workspace';
import { advanceRef } from './advance-ref';
import type { Git } from './git-command';
import { epochRef } from './names';

interface Grant {
  readonly task: string;
  /** The lane grant's revision: later grants have larger ones. */
  readonly epoch: string;
  readonly log: string;
}

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
  await advanceRef(git, { cwd, ref: lease.ref, options: NO_REFLOG }, async (current) => {
    if (current === null) return oid;
    const isOurs = current === oid;
    return isOurs || (await epochOf(git, cwd, { ...lease, oid: current })) >= BigInt(epoch) ? null : oid;
  });
  return lease;
}

async function epochOf(git: Git, cwd: string, { ref, oid }: LaneLease): Promise<bigint> {
  const text = await git.text(['cat-file', 'blob', oid], { cwd });
  const epoch = /^\{"task":"[^"]*","epoch":"(\d+)"\}$/.exec(text)?.[1];
  if (epoch !== undefined) return BigInt(epoch);
  const seen = JSON.stringify(text.slice(0, 100));
  throw new GitError('GIT_FAILED', `${ref} in ${cwd}: expected a lane's lease, saw ${seen}; delete the ref`);
}
