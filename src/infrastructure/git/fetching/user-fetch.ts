import { GitError } from '../../../application/ports/git-workspace';
import { withinSentence } from '../../../domain/within-sentence';
import { processEnvironment } from '../../config/environment';

/** Would lead git away from the clone that is meant, as in a hook. */
const PLACE =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|PREFIX)$/;

/**
 * Fetches from a remote as its user does by hand: with their configuration, credentials and helpers. For clones of a person
 * who asked for it; the service itself never reaches out like this.
 *
 * @throws GitError GIT_FAILED with what git said.
 */
export async function fetchAsUser(gitDir: string, remote: string): Promise<void> {
  const env = Object.fromEntries(
    Object.entries(processEnvironment()).filter(([name]) => !PLACE.test(name) && !name.startsWith('STAGEGATE_')),
  );
  // Loaded for those who ask for it.
  const { execa } = await import('execa');
  const result = await execa('git', [`--git-dir=${gitDir}`, 'fetch', '--quiet', '--end-of-options', remote], {
    cwd: gitDir,
    env,
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
  });
  if (result.exitCode === 0) return;
  const said = (result.stderr || result.shortMessage || '').split('\n').filter((line) => line.trim() !== '');
  throw new GitError('GIT_FAILED', `git fetch ${remote}: ${said.slice(0, 3).map(withinSentence).join('; ')}`);
}
