import type { CommandLine } from '../../domain/policy/project-policy';
import { plainLine } from '../../domain/staging/plain-text';
import type { ToolFailure } from '../../domain/task/task.events';
import type { ToolErrorRun } from '../ports/process-runner';

/** What events keep of a run that does not count. @param output what the command printed last. */
export function toolFailure(result: ToolErrorRun, command: CommandLine, output: string): Omit<ToolFailure, 'step'> {
  const { reason, retryable, evidence, exitCode } = result;
  const isProgram = reason === 'command_not_found' || reason === 'not_executable';
  const program = isProgram ? programOf(command, output) : null;
  return {
    reason,
    retryable,
    evidence,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(program === null ? {} : { program }),
  };
}

/** How shells and `env` complain: `sh: 1: jest: not found`, `bash: line 1: ./x: Permission denied`. */
const COMPLAINT =
  /(?:^|[:\s])['‘"]?([^\s:'’"]+)['’"]?: (?:command not found|not found|Permission denied|No such file or directory)$/;
const NAME_CHARS = 100;

/** The program that a shell did not find; of a command that no shell runs, its first word. null when nothing tells. */
export function programOf(command: CommandLine, output: string): string | null {
  const complaint = output
    .split('\n')
    .reverse()
    .find((line) => COMPLAINT.test(line.trimEnd()));
  const [, named = null] = complaint ? (COMPLAINT.exec(complaint.trimEnd()) ?? []) : [];
  const first = typeof command === 'string' ? null : (command[0] ?? null);
  const program = named ?? first;
  return program === null ? null : plainLine(program, NAME_CHARS);
}
