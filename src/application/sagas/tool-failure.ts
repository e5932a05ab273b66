import type { FailureFinding } from '../../domain/failures/classify';
import type { CommandLine } from '../../domain/policy/project-policy';
import { plainLine } from '../../domain/staging/plain-text';
import { storableText } from '../../domain/storable';
import type { ToolFailure } from '../../domain/task/task.events';
import type { RunResult, ToolErrorRun } from '../ports/process-runner';
import { lastLine } from './run-record';

/** Of a quoted line, as many characters as a reader needs to recognise it. */
const QUOTED_CHARS = 300;

interface FailedStep {
  readonly name: 'suite' | 'setup' | 'agent';
  readonly command: CommandLine;
}

/** What events keep of a run that does not count. @param output what the command printed last. */
export function suiteFailure(
  result: RunResult,
  found: FailureFinding,
  { name, command }: FailedStep,
  output: string,
): Omit<ToolFailure, 'step'> {
  const { reason, retryable, rule, ruleVersion } = found;
  const { exitCode } = result;
  const isProgram = reason === 'command_not_found' || reason === 'not_executable';
  const program = isProgram ? programOf(command, output) : null;
  return {
    reason,
    retryable,
    evidence: name === 'setup' ? setupEvidence(result, found, output) : evidenceOf(result, found),
    rule,
    ruleVersion,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(program === null ? {} : { program }),
  };
}

/** The same of a command that no rule of failing suites is about: the runner's word for it stands. */
export function commandFailure(result: ToolErrorRun, command: CommandLine, output: string): Omit<ToolFailure, 'step'> {
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

/** The runner's own words say what was measured; of a command that ended by itself there are those of the rule. */
function evidenceOf(result: RunResult, found: FailureFinding): readonly string[] {
  if (result.kind === 'tool_error') return result.evidence;
  return found.evidence.map((line) => storableText(line, QUOTED_CHARS));
}

function setupEvidence(result: RunResult, found: FailureFinding, output: string): readonly string[] {
  if (result.kind === 'tool_error') return result.evidence;
  const last = lastLine(output);
  const quoted = found.evidence.slice(1).filter((line) => line !== last.trim());
  return [
    `set-up ended with exit code ${result.exitCode}`,
    ...quoted.map((line) => storableText(line, QUOTED_CHARS)),
    ...(last ? [`last line: ${storableText(last, QUOTED_CHARS)}`] : []),
  ];
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
