import type { LaneLease, RepositoryRef } from '../../../application/ports/git-workspace';
import { GitError } from '../../../application/ports/git-workspace';
import { advanceRef } from './advance-ref';
import type { Git } from '../command/git-command';
import { epochRef } from '../command/names';
import { BoundedMap } from '../../../application/bounded-map';
import { together } from '../../../application/together';

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
  const ref = epochRef(project, log);
  const written = git.text(['hash-object', '-w', '--stdin'], { cwd, input: JSON.stringify({ task, epoch }) });
  const isInForce = async (current: string, oid: string) =>
    current === oid || (await epochOf(git, cwd, { ref, oid: current })) >= BigInt(epoch);
  const advanced = advanceRef(git, { cwd, ref, options: NO_REFLOG }, async (current) => {
    const oid = await written;
    return current !== null && (await isInForce(current, oid)) ? null : oid;
  });
  const [oid] = await together(written, advanced);
  read.set(oid, BigInt(epoch));
  return { ref, oid };
}

/** Epochs of leases by their object, whose content cannot change: most often the one in force is the last one of this process. */
const read = new BoundedMap<string, bigint>(1_000);

async function epochOf(git: Git, cwd: string, lease: LaneLease): Promise<bigint> {
  const known = read.get(lease.oid);
  if (known !== undefined) return known;
  const epoch = await readEpoch(git, cwd, lease);
  read.set(lease.oid, epoch);
  return epoch;
}

async function readEpoch(git: Git, cwd: string, { ref, oid }: LaneLease): Promise<bigint> {
  const text = await git.text(['cat-file', 'blob', oid], { cwd });
  const epoch = /^\{"task":"[^"]*","epoch":"(\d+)"\}$/.exec(text)?.[1];
  if (epoch !== undefined) return BigInt(epoch);
  const seen = JSON.stringify(text.slice(0, 100));
  throw new GitError('GIT_FAILED', `${ref} in ${cwd}: expected a lane's lease, saw ${seen}; delete the ref`);
}
