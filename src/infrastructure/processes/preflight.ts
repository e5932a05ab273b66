import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { RunSpec, ToolErrorReason } from '../../application/ports/process-runner';

export interface PreflightFault {
  readonly reason: ToolErrorReason;
  readonly evidence: string;
}

/** Bytes that arguments and environment may take together; the kernel's usual limit is 2 MiB. */
const MAX_ARGUMENT_BYTES = 1_500_000;

/** Finds, before anything starts, what the operating system would report ambiguously. @returns null when all is well. */
export function preflight(spec: RunSpec): PreflightFault | null {
  const texts = [spec.command, ...spec.args, spec.cwd, ...Object.entries(spec.env).flat()];
  if (texts.some((text) => text.includes('\0'))) return fault('bad_spec', 'an argument or variable holds a NUL byte');
  if (spec.command === '') return fault('bad_spec', 'the command is empty');
  if (!(spec.timeoutMs > 0) || !(spec.graceMs >= 0)) return fault('bad_spec', 'timeout and grace must be positive');
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  if (bytes > MAX_ARGUMENT_BYTES) return fault('bad_spec', `arguments and environment take ${bytes} bytes`);
  if (!isDirectory(spec.cwd)) return fault('cwd_missing', `${spec.cwd} is no directory`);
  return findCommand(spec);
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

/** What `sh` looks through when the environment names nothing. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

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

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // The answer to the question asked.
    return false;
  }
}
