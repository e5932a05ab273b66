import type { TestsOfRun } from '../../domain/witness/test-counts';

/** How strongly a run is contained, weakest first; what each one guarantees is in docs/process-runner.md. */
export const ISOLATION_LEVELS = ['none', 'L0-group', 'L1-cookie', 'L2-cgroup', 'L2-pidns', 'L3-both'] as const;
export type IsolationLevel = (typeof ISOLATION_LEVELS)[number];
/** What configuration may ask for; each names the weakest level that satisfies it. */
export type MinIsolation = 'none' | 'L0' | 'L1' | 'L2' | 'L3';

/**
 * Proof that tests really ran: a report that is not there when the command starts (what is in its place is removed) and is
 * a plain file inside `cwd` afterwards, or a pattern somewhere in stdout or stderr. Test reports are only made room for: whoever reads
 * them knows whether they prove anything.
 */
export type SuiteWitness =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'output'; readonly pattern: string }
  | { readonly kind: 'tests'; readonly paths: readonly string[] };

export interface RunSpec {
  readonly runId: string;
  /** Unique secret-free mark in the environment of everything the run starts; how survivors are found. */
  readonly cookie: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the run; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly maxHeadBytes?: number;
  readonly maxTailBytes?: number;
  /** Whole output (both streams, as it came), up to `maxLogBytes`. */
  readonly logFile?: string;
  readonly maxLogBytes?: number;
  readonly minIsolation?: MinIsolation;
  /** False: only the command itself is ever ended, and the result says so (`isolation: none`). Default: true. */
  readonly treeKill?: boolean;
  /** Exit codes that mean "did not execute". Default [126, 127]. */
  readonly toolErrorExitCodes?: readonly number[];
  readonly signal?: AbortSignal;
  readonly witness?: SuiteWitness;
  /** Whether it is asked how many tests ran, by the output. */
  readonly countsTests?: true;
  /** Medians of recent green runs of the same suite; sharpens `timeout_starved`. */
  readonly baseline?: { readonly wallMs: number; readonly ownCores: number };
}

export type ToolErrorReason =
  | 'command_not_found'
  | 'not_executable'
  | 'cwd_missing'
  | 'bad_spec'
  | 'resource_exhausted'
  | 'isolation_too_weak'
  | 'isolation_unavailable'
  | 'timeout'
  | 'timeout_starved'
  | 'oom_killed'
  | 'killed_externally'
  | 'aborted'
  | 'no_tests_ran'
  | 'orchestrator_crash'
  | 'internal';

export interface CapturedStream {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  readonly totalBytes: number;
  /** Of every byte, also those that neither head, tail nor log file kept. */
  readonly sha256: string;
  readonly truncated: boolean;
}

export interface ForeignProcess {
  readonly comm: string;
  readonly pid: number;
  readonly cpuMs: number;
  readonly cookie?: string;
}

export interface Usage {
  readonly cpuUserMs: number;
  readonly cpuSysMs: number;
  readonly source: 'cgroup' | 'sampled' | 'cutime';
  readonly maxRssBytes?: number;
  readonly psiSomeShare?: number;
  readonly psiFullShare?: number;
  readonly sysPsiShare?: number;
  readonly load1: readonly [start: number, end: number];
  readonly ownCores: number;
  readonly machineBusyCores: number;
  readonly topForeign: readonly ForeignProcess[];
}

interface RunFacts {
  readonly runId: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly isolation: IsolationLevel;
  readonly containment: 'contained' | 'best-effort';
  readonly output: { readonly stdout: CapturedStream; readonly stderr: CapturedStream };
  /** Processes that outlived the suite and were killed; reported, not a failure. */
  readonly leaked: number;
  /** Processes that outlived even the kill rounds. */
  readonly survivors: number;
  readonly pipeHeldOpen: boolean;
  /** Why the log file is not there or not complete; never changes the outcome. */
  readonly logFault?: string;
  readonly usage: Usage;
  /** The kernel killed something in the run's memory cgroup meanwhile; left out: nothing, or nobody can tell. */
  readonly isOomKilled?: true;
  /** What the output says of tests; left out: nothing, or nobody asked. */
  readonly tests?: TestsOfRun;
  /** Milliseconds after the start. */
  readonly killTimeline?: { readonly termAt: number; readonly killAt?: number; readonly emptyAt?: number };
}

export interface ExecutedRun extends RunFacts {
  readonly kind: 'executed';
  readonly verdict: 'pass' | 'fail';
  readonly exitCode: number;
  readonly crashSignal?: string;
}

export interface ToolErrorRun extends RunFacts {
  readonly kind: 'tool_error';
  readonly executed: false | 'partially';
  readonly reason: ToolErrorReason;
  readonly retryable: boolean;
  readonly errno?: string;
  /** Of a command that ended by itself and does not count all the same. */
  readonly exitCode?: number;
  readonly evidence: readonly string[];
}

export type RunResult = ExecutedRun | ToolErrorRun;

export interface RecoveredRun {
  readonly runId: string;
  readonly cookie: string;
  readonly killed: number;
  /** Processes that looked like the run's by pid or group but were somebody else's. */
  readonly skipped: number;
}

/** Runs one command to its end and leaves nothing behind. */
export abstract class ProcessRunner {
  /** Never rejects; settles within timeout + grace + 3 s whatever the command does. */
  abstract run(spec: RunSpec): Promise<RunResult>;
  /**
   * Kills what runs of dead processes of this host left behind, by run file and cookie, never by a bare pid.
   * Called at start and before a claim of a dead worker is reaped. `isOwnerDead` tells whether a recorded owner lives.
   */
  abstract recover(isOwnerDead: (worker: string) => boolean): Promise<readonly RecoveredRun[]>;
}
