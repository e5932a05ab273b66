import { GitError } from '../../application/ports/git-workspace';
import type { Git } from './git-command';

/** What a branch brought that is not as git would have made it; its objects are whole all the same. */
const ODD_OBJECT = /^(?:error|warning) in (?:blob|commit|tag|tree) [0-9a-f]+: /;
const HARMLESS = /^(?:notice|hint|Checking|dangling|unreachable)\b/;

/**
 * Reads every object and every ref of a clone.
 *
 * @param dir a git directory with the clone's objects and refs.
 * @returns the first complaint of damage; null when all is whole.
 * @throws GitError GIT_TIMEOUT when it takes longer than that.
 */
export async function damageIn(git: Git, dir: string, timeoutMs: number): Promise<string | null> {
  const args = ['fsck', '--full', '--no-dangling', '--no-reflogs', '--no-progress'];
  try {
    const { exitCode, stdout, stderr } = await git.run(args, { cwd: dir, timeoutMs, answers: ANSWERS });
    if (exitCode === 0) return null;
    const lines = `${stderr}\n${stdout}`.split('\n').filter((line) => line !== '' && !HARMLESS.test(line));
    const complaint = lines.find((line) => !ODD_OBJECT.test(line));
    return complaint === undefined ? null : complaint.slice(0, 300);
  } catch (error) {
    if (!(error instanceof GitError) || error.code === 'GIT_TIMEOUT') throw error;
    // Too broken even for that.
    return error.message.slice(0, 300);
  }
}

/** Bits, one for each kind of complaint. */
const ANSWERS = Array.from({ length: 64 }, (_, code) => code);
