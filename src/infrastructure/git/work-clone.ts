import { GitError } from '../../application/ports/git-workspace';
import type { Oid } from '../../domain/ids';
import { withinSentence } from '../../domain/within-sentence';
import { processEnvironment } from '../config/environment';

/** Would lead git away from the clone that is meant, as in a hook. */
const PLACE =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|PREFIX)$/;

/** Which commits the work of a claim is about, and where they are as its worker reaches them. */
export interface WorkSource {
  readonly repository: string;
  readonly branch: string;
  readonly main: string;
  readonly headOid: Oid;
  readonly baseOid: Oid;
  /** Whether its worker answers with commits. */
  readonly commits: boolean;
}

/**
 * What a worker does with git on its own machine, as its user would by hand: with their configuration, credentials and
 * helpers. The service never gets here.
 *
 * @throws GitError GIT_FAILED with what git said; GIT_BRANCH_MISSING for a repository that is reached, and has no such branch.
 */
export async function mustReach(repository: string, branch: string): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const seen = await git(['ls-remote', '--end-of-options', repository, ref], '.').catch((error: unknown) =>
    error instanceof GitError ? error : Promise.reject(error as Error),
  );
  const expected = `repository: expected ${branch} of ${repository} to be reached from here`;
  const way = 'name a way there with --clone-from';
  if (seen instanceof GitError) throw new GitError('GIT_FAILED', `${expected}, saw ${seen.message}; ${way}`);
  if (seen === '') throw new GitError('GIT_BRANCH_MISSING', `${expected}, saw no such branch; push it, or ${way}`);
}

/**
 * A clone with the branch, and main at the base commit of the brief beside it. A worker that commits has the branch checked
 * out and may push it; every other one has its head, and no remote.
 */
export async function cloneForWork(dir: string, source: WorkSource): Promise<void> {
  const { repository, branch, main, headOid, baseOid, commits } = source;
  await git(['clone', '--quiet', '--no-hardlinks', '--branch', branch, '--end-of-options', repository, dir], '.');
  const head = await headIn(dir);
  if (head !== headOid) {
    if (commits) throw moved(branch, headOid, head);
    await git(['checkout', '--quiet', '--detach', headOid], dir);
  } else if (!commits) await git(['checkout', '--quiet', '--detach'], dir);
  if (main !== branch) await git(['branch', '--quiet', '--no-track', '--end-of-options', main, baseOid], dir);
  if (!commits) await git(['remote', 'remove', 'origin'], dir);
}

export function headIn(dir: string): Promise<Oid> {
  return git(['rev-parse', 'HEAD'], dir);
}

/**
 * Nothing is ever overwritten by it: git refuses what does not go forward.
 *
 * @throws GitError GIT_BRANCH_MOVED when the branch is not at `from` any more.
 */
export async function pushWork(dir: string, branch: string, from: Oid): Promise<void> {
  const ref = `refs/heads/${branch}`;
  try {
    await git(['push', '--quiet', 'origin', `HEAD:${ref}`], dir);
  } catch (error) {
    const [seen = ''] = (await git(['ls-remote', 'origin', ref], dir).catch(() => from)).split('\t');
    throw seen === from ? error : moved(branch, from, seen === '' ? 'none' : seen);
  }
}

function moved(branch: string, from: Oid, seen: string): GitError {
  return new GitError('GIT_BRANCH_MOVED', `expected ${branch} at ${from}, saw ${seen}; it has moved meanwhile`);
}

async function git(args: readonly string[], cwd: string): Promise<string> {
  const env = Object.fromEntries(
    Object.entries(processEnvironment()).filter(([name]) => !PLACE.test(name) && !name.startsWith('STAGEGATE_')),
  );
  // Loaded for those who ask for it.
  const { execa } = await import('execa');
  const options = {
    cwd,
    env: { ...env, GIT_TERMINAL_PROMPT: '0' },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
  } as const;
  const result = await execa('git', args, options);
  if (result.exitCode === 0) return result.stdout.trim();
  const lines = (result.stderr || result.shortMessage || '').split('\n').filter((line) => line.trim() !== '');
  const said = lines.slice(0, 3).map(withinSentence).join('; ') || `exit code ${String(result.exitCode)}`;
  throw new GitError('GIT_FAILED', `git ${args[0] ?? ''}: ${said}`);
}
