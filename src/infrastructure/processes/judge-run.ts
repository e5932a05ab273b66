import type { ToolErrorReason } from '../../application/ports/process-runner';
import { classify } from '../../domain/failures/classify';
import { BARE_SIGNAL } from '../../domain/failures/failure-signal';
import type { Handshake } from './launch/handshake';

/** Everything a verdict about a finished run may rest on. */
export interface RunEvidence {
  readonly handshake: Handshake;
  /** Why we killed it; null when we did not. */
  readonly killedFor: 'timeout' | 'aborted' | null;
  /** How the wrapper ended. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** First words of the wrapper, when the command never started: its own complaint. */
  readonly complaint: string;
  readonly toolErrorExitCodes: readonly number[];
  /** Why nothing proves that tests ran; null when something does, or no proof was asked for. */
  readonly witnessFault: string | null;
  readonly isStarved: boolean;
  /** The kernel killed something for want of memory meanwhile. */
  readonly isOomKilled: boolean;
  /** What was measured, for people; belongs to every timeout. */
  readonly measured: readonly string[];
}

export type Classification =
  | { readonly kind: 'executed'; readonly exitCode: number; readonly crashSignal?: string }
  | {
      readonly kind: 'tool_error';
      readonly executed: false | 'partially';
      readonly reason: ToolErrorReason;
      readonly retryable: boolean;
      readonly errno?: string;
      readonly exitCode?: number;
      readonly evidence: readonly string[];
    };

/** 128 + signal number: a crash of the suite itself, which is a red. */
export const CRASHES: ReadonlyMap<number, string> = new Map([
  [132, 'SIGILL'],
  [134, 'SIGABRT'],
  [135, 'SIGBUS'],
  [136, 'SIGFPE'],
  [139, 'SIGSEGV'],
]);
/** 128 + signal number: somebody ended it, or a limit of the machine, and it was not us. */
export const KILLED_EXIT_CODES: ReadonlyMap<number, string> = new Map([
  [129, 'SIGHUP'],
  [130, 'SIGINT'],
  [137, 'SIGKILL'],
  [143, 'SIGTERM'],
  [152, 'SIGXCPU'],
  [153, 'SIGXFSZ'],
]);
/** The same for limits: who set them can raise them. */
const LIMITS: ReadonlyMap<number, string> = new Map([
  [152, 'the limit of CPU time (ulimit -t)'],
  [153, 'the limit of file size (ulimit -f)'],
]);
const NO_RESOURCES: ReadonlySet<string> = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT']);
/** The same in words, as the tools of a launch line print them. */
const NO_RESOURCES_TEXT = /Resource temporarily unavailable|Cannot fork|Cannot allocate memory|No space left on device/;

/** Decides whether a run counts. Only what ended by itself, said so, and is no sign of the machine's trouble does. */
export function judgeRun(evidence: RunEvidence): Classification {
  const { handshake, killedFor } = evidence;
  if (handshake.kind === 'forged')
    return toolError('internal', 'partially', `the run's own channel carried ${handshake.bytes}`);
  const executed = handshake.kind === 'none' ? false : 'partially';
  if (killedFor === 'aborted') return toolError('aborted', executed, 'it was told to stop');
  if (killedFor === 'timeout') return timedOut(executed, evidence);
  switch (handshake.kind) {
    case 'none':
      return neverStarted(evidence);
    case 'not-forked':
      return toolError('resource_exhausted', false, 'the machine had no process left for the command');
    case 'started':
      return killedExternally(
        evidence.isOomKilled,
        `the run ended with ${ending(evidence)} and without its own last word`,
      );
    case 'exited':
      return exited(handshake.exitCode, evidence);
  }
}

export function toolError(
  reason: ToolErrorReason,
  executed: false | 'partially',
  ...evidence: readonly string[]
): Extract<Classification, { kind: 'tool_error' }> {
  const { retryable } = classify({ ...BARE_SIGNAL, reason });
  return { kind: 'tool_error', executed, reason, retryable, evidence };
}

/** Errors that say: the machine is at a limit. They may pass. */
export function isShortage(errno: string): boolean {
  return NO_RESOURCES.has(errno);
}

/** The command line could not be started at all. */
export function spawnFailed(errno: string): Classification {
  const unusable = errno === 'E2BIG' ? 'bad_spec' : 'isolation_unavailable';
  const reason = isShortage(errno) ? 'resource_exhausted' : unusable;
  return { ...toolError(reason, false, `spawn failed with ${errno}`), errno };
}

function neverStarted(evidence: RunEvidence): Classification {
  const { complaint } = evidence;
  const reason = NO_RESOURCES_TEXT.test(complaint) ? 'resource_exhausted' : 'isolation_unavailable';
  const said = complaint ? [complaint] : [];
  return toolError(reason, false, `the wrapper ended with ${ending(evidence)} before the command started`, ...said);
}

function timedOut(executed: false | 'partially', { isStarved, measured }: RunEvidence): Classification {
  return isStarved
    ? toolError('timeout_starved', executed, 'the time was up, and other processes had the machine', ...measured)
    : toolError('timeout', executed, 'the time was up', ...measured);
}

function killedExternally(isOomKilled: boolean, evidence: string): Classification {
  return isOomKilled
    ? toolError('oom_killed', 'partially', evidence, 'the kernel killed something in this memory cgroup meanwhile')
    : toolError('killed_externally', 'partially', evidence);
}

function exited(exitCode: number, { toolErrorExitCodes, witnessFault, isOomKilled }: RunEvidence): Classification {
  const crashSignal = CRASHES.get(exitCode);
  if (crashSignal !== undefined) return { kind: 'executed', exitCode, crashSignal };
  if (toolErrorExitCodes.includes(exitCode)) {
    const reason = exitCode === 126 ? 'not_executable' : 'command_not_found';
    return { ...toolError(reason, false, `exit code ${exitCode} means that it did not execute`), exitCode };
  }
  const signal = KILLED_EXIT_CODES.get(exitCode);
  if (signal !== undefined) {
    const limit = LIMITS.get(exitCode);
    const by = limit === undefined ? 'that was not ours' : `by which the machine enforces ${limit}`;
    return { ...killedExternally(isOomKilled, `exit code ${exitCode}: ended by ${signal}, a signal ${by}`), exitCode };
  }
  if (witnessFault !== null && exitCode <= 1)
    return { ...toolError('no_tests_ran', 'partially', witnessFault), exitCode };
  return { kind: 'executed', exitCode };
}

function ending({ exitCode, signal }: RunEvidence): string {
  return signal ?? `exit code ${String(exitCode)}`;
}
