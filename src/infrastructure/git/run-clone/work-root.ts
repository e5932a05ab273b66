import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { GitError } from '../../../application/ports/git-workspace';
import { ownUid } from '../../system/own-user';

const PRIVATE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;
/** Folders of version control: Jest, linters and watchers look at nothing below them, and so find no tests there. */
const HIDDEN_FROM_TOOLS: readonly string[] = ['.git', '.hg', '.sl'];

/**
 * Where runs get their folders: in the state directory, unless that lies within `.git`, as that of `land` does in an
 * ordinary repository. A suite that runs there would be red for want of tests; then it is a folder for temporary files.
 */
export function workRootOf(stateDir: string): string {
  const absolute = resolve(stateDir);
  if (!absolute.split(sep).some((part) => HIDDEN_FROM_TOOLS.includes(part))) return join(absolute, 'work');
  const name = createHash('sha256').update(absolute).digest('hex').slice(0, 16);
  return join(tmpdir(), `stagegate-${ownUid()}-${name}`);
}

/**
 * Makes the folder, or makes sure that it is ours alone: its name in a shared place can be guessed.
 *
 * @throws GitError GIT_FAILED
 */
export async function claimRoot(root: string): Promise<void> {
  await mkdir(root, { recursive: true, mode: PRIVATE });
  const { uid, mode } = await lstat(root);
  if (uid === ownUid() && (mode & WRITABLE_BY_OTHERS) === 0) return;
  const seen = `owner ${uid}, mode ${(mode & 0o777).toString(8)}`;
  throw new GitError('GIT_FAILED', `${root}: expected a folder of ours alone, saw ${seen}; remove it or set TMPDIR`);
}
