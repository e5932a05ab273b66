import { GitError } from '../../../application/ports/git-workspace';
import type { Git } from '../command/git-command';

/** What a branch brought that is not as git would have made it. Its objects are whole all the same. */
const ODD_OBJECT = [
  /^(?:error|warning) in (?:blob|commit|tag|tree) ([0-9a-f]+): /,
  /^error: object ([0-9a-f]+) is a \w+, not a \w+$/,
  /^error: ([0-9a-f]+): object could not be parsed: /,
];
/** Said of such an object too, when it is looked for as what it is not. */
const CONSEQUENCE = /^(?:missing|broken link from|\s+to)\s+\w+ ([0-9a-f]+)$/;
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
    return damageAmong(`${stderr}\n${stdout}`.split('\n'));
  } catch (error) {
    if (!(error instanceof GitError) || error.code === 'GIT_TIMEOUT') throw error;
    // Too broken even for that.
    return error.message.slice(0, 300);
  }
}

function damageAmong(lines: readonly string[]): string | null {
  const oddOf = (line: string) => ODD_OBJECT.flatMap((odd) => odd.exec(line)?.[1] ?? []);
  const odd = new Set(lines.flatMap(oddOf));
  const isDamage = (line: string) =>
    line !== '' && !HARMLESS.test(line) && oddOf(line).length === 0 && !odd.has(CONSEQUENCE.exec(line)?.[1] ?? '');
  return lines.find(isDamage)?.slice(0, 300) ?? null;
}

/** Bits, one for each kind of complaint. */
const ANSWERS = Array.from({ length: 64 }, (_, code) => code);
