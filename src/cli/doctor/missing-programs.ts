import { isAbsolute } from 'node:path';
import type { ProcessRunner } from '../../application/ports/process-runner';
import { commandsOf } from '../../domain/policy/commands';
import type { CommandLine, ProjectPolicy } from '../../domain/policy/project-policy';
import { DEFAULT_PATH, findProgramIn, isExecutable } from '../../infrastructure/processes/launch/find-program';
import { CryptoIds } from '../../infrastructure/system/crypto-ids';

/** Lines about commands whose program is not there, looked for where the command itself would look. */
export async function missingPrograms(
  policies: readonly ProjectPolicy[],
  {
    agentEnvironment,
    path,
    runner,
  }: { agentEnvironment: readonly string[]; path: string | undefined; runner: ProcessRunner },
): Promise<readonly string[]> {
  const lines: string[] = [];
  const commands = policies.flatMap((policy) => commandsOf(policy).map((each) => [policy.project, each] as const));
  for (const [project, { key, command, env }] of commands) {
    const searched = (env ?? agentEnvironment).includes('PATH') ? (path ?? DEFAULT_PATH) : DEFAULT_PATH;
    const program = await missingIn(command, searched, runner);
    if (program === null) continue;
    const where = program.includes('/') ? 'that can be run' : `on the PATH it gets, ${searched}`;
    lines.push(
      `projects.${project}.${key}: expected ${program} ${where}, saw none; install it, or correct the command`,
    );
  }
  return [...new Set(lines)];
}

/** The first word of a text, where that is a plain one: what else a shell makes of it only running it can tell. */
const FIRST_WORD = /^\s*(?:[A-Za-z_][A-Za-z0-9_]*=[A-Za-z0-9_./:-]*\s+)*([A-Za-z0-9_./][A-Za-z0-9_./+-]*)(?=\s|$)/;

async function missingIn(command: CommandLine, path: string, runner: ProcessRunner): Promise<string | null> {
  const isText = typeof command === 'string';
  const program = isText ? FIRST_WORD.exec(command)?.[1] : command[0];
  if (program === undefined) return null;
  // One in the repository is there when the clone is.
  if (program.includes('/')) return isAbsolute(program) && !isExecutable(program) ? program : null;
  const isThere = isText ? await shellKnows(program, path, runner) : findProgramIn(program, path) !== null;
  return isThere ? null : program;
}

/** Asked as suites are run: builtins and words of its grammar are its own to know. Its 127 would not count as an answer. */
async function shellKnows(word: string, path: string, runner: ProcessRunner): Promise<boolean> {
  const id = new CryptoIds().uuid();
  const result = await runner.run({
    runId: id,
    cookie: id,
    command: '/bin/sh',
    args: ['-c', 'command -v "$1" || exit 1', 'sh', word],
    cwd: '/',
    env: { PATH: path },
    timeoutMs: 10_000,
    graceMs: 100,
  });
  return result.kind !== 'executed' || result.exitCode === 0;
}
