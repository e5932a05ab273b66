import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { RunSpec, ToolErrorReason } from '../../../application/ports/process-runner';
import { DEFAULT_PATH, isExecutable } from './find-program';
import { isRunId } from '../run-file';
import { faultOfPath } from '../witness';

export interface PreflightFault {
  readonly reason: ToolErrorReason;
  readonly evidence: string;
}

/** Bytes that arguments and environment may take together; the kernel's usual limit is 2 MiB. */
const MAX_ARGUMENT_BYTES = 1_500_000;
/** The kernel takes no single argument or variable above 128 KiB, whatever the sum. */
const MAX_STRING_BYTES = 131_071;
/** The longest wait that a timer of Node can hold; a longer one would fire at once. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/** Finds, before anything starts, what the operating system would report ambiguously. @returns null when all is well. */
export function preflight(spec: RunSpec): PreflightFault | null {
  const evidence = faultOfSpec(spec);
  if (evidence !== null) return fault('bad_spec', evidence);
  if (!isDirectory(spec.cwd)) return fault('cwd_missing', `${spec.cwd} is no directory`);
  if (!isExecutable(spec.cwd)) return fault('cwd_missing', `${spec.cwd} may not be entered`);
  return findCommand(spec);
}

function faultOfSpec(spec: RunSpec): string | null {
  const { runId, command, args, cwd, env, timeoutMs, graceMs, witness } = spec;
  if (!isRunId(runId)) return `${JSON.stringify(runId)} is no run id`;
  if (command === '') return 'the command is empty';
  if (!isWait(timeoutMs) || timeoutMs === 0 || !isWait(graceMs)) {
    return `timeout and grace must be positive and at most ${MAX_WAIT_MS} ms`;
  }
  const texts = [command, ...args, cwd, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  if ([...texts, witness?.kind === 'file' ? witness.path : ''].some((text) => text.includes('\0')))
    return 'an argument or variable holds a NUL byte';
  const sizes = texts.map((text) => Buffer.byteLength(text) + 1);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes > MAX_ARGUMENT_BYTES) return `arguments and environment take ${bytes} bytes`;
  const longest = Math.max(...sizes);
  if (longest > MAX_STRING_BYTES) return `an argument or variable takes ${longest} bytes, more than the kernel accepts`;
  if (witness?.kind === 'output' && !isPattern(witness.pattern)) return `the witness is no pattern: ${witness.pattern}`;
  return faultOfPath(spec);
}

function isWait(ms: number): boolean {
  return ms >= 0 && ms <= MAX_WAIT_MS;
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'm').multiline;
  } catch {
    // The answer to the question asked.
    return false;
  }
}

function findCommand({ command, cwd, env }: RunSpec): PreflightFault | null {
  const isPath = command.includes('/');
  const folders = isPath ? [''] : (env['PATH'] ?? DEFAULT_PATH).split(delimiter);
  const candidates = folders.map((folder) =>
    isPath ? resolve(cwd, command) : join(isAbsolute(folder) ? folder : resolve(cwd, folder), command),
  );
  const existing = candidates.filter(exists);
  if (existing.length === 0) return fault('command_not_found', `${command} is not there`);
  const usable = existing.filter((path) => !isDirectory(path) && isExecutable(path));
  return usable.length > 0 ? null : fault('not_executable', `${existing[0] ?? command} cannot be executed`);
}

function fault(reason: ToolErrorReason, evidence: string): PreflightFault {
  return { reason, evidence };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function exists(path: string): boolean {
  try {
    accessSync(path, constants.F_OK);
    return true;
  } catch {
    // The answer to the question asked.
    return false;
  }
}
