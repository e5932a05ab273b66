import type { RepositoryRef } from '../../application/ports/git-workspace';
import { GitError } from '../../application/ports/git-workspace';
import type { Git } from './git-command';
import { refFacts } from './inspect';
import { epochRef } from './names';

interface Lease {
  readonly task: string;
  /** The lane grant's revision: later grants have larger ones. */
  readonly epoch: string;
}

const NOTHING = '0'.repeat(40);
const ATTEMPTS = 5;

/**
 * Writes a lane grant into the target repository. The landing transaction verifies it, so whoever holds an older grant
 * can no longer land.
 *
 * @returns the lease's object; that of an older grant than the one in force never passes the verification.
 */
export async function takeEpoch(git: Git, { path: cwd, project }: RepositoryRef, lease: Lease): Promise<string> {
  const record = JSON.stringify({ task: lease.task, epoch: lease.epoch });
  const ours = await git.text(['hash-object', '-w', '--stdin'], { cwd, input: record });
  const ref = epochRef(project);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const current = (await refFacts(git, cwd, [ref])).get(ref)?.oid ?? null;
    if (current === ours) return ours;
    if (current !== null && (await epochOf(git, cwd, current)) >= BigInt(lease.epoch)) return ours;
    const message = `stagegate: lane of ${project} to ${lease.task} epoch ${lease.epoch}`;
    const args = ['update-ref', '-m', message, ref, ours, current ?? NOTHING.slice(0, ours.length)];
    const { exitCode, stderr } = await git.run(args, { cwd, answers: [0, 1, 128] });
    if (exitCode === 0) return ours;
    if (!/but expected|reference already exists/.test(stderr))
      throw new GitError('GIT_LOCKED', `${ref}: ${stderr.slice(0, 300)}`);
  }
  throw new GitError('GIT_LOCKED', `${ref}: changed ${ATTEMPTS} times while it was being taken`);
}

async function epochOf(git: Git, cwd: string, oid: string): Promise<bigint> {
  const lease = JSON.parse(await git.text(['cat-file', 'blob', oid], { cwd })) as Lease;
  return BigInt(lease.epoch);
}
