import {
  ISOLATION_LEVELS,
  ProcessRunner,
  type MinIsolation,
  type RecoveredRun,
  type RunResult,
  type RunSpec,
} from '../../application/ports/process-runner';
import { toolError } from './classify';
import type { Isolation } from './isolation';
import { OutputCapture } from './output-capture';
import { preflight } from './preflight';
import { bootId } from './proc-table';
import { recoverRuns } from './recover';
import type { RunFiles } from './run-file';
import { runOnce } from './run-once';
import { UsageMeter } from './usage';

/** The weakest level that satisfies a demand; levels are listed weakest first. */
const WEAKEST: Readonly<Record<MinIsolation, (typeof ISOLATION_LEVELS)[number]>> = {
  none: 'none',
  L0: 'L0-group',
  L1: 'L1-cookie',
  L2: 'L2-cgroup',
  L3: 'L3-both',
};

export interface ProcRunnerDeps {
  readonly isolation: Isolation;
  readonly files: RunFiles;
  readonly worker: string;
  /** Cookies of the runs that this process is part of, comma-separated; empty for none. */
  readonly outer: string;
}

/** Runs commands on this machine and ends everything that came of them. */
export class ProcProcessRunner extends ProcessRunner {
  private running = 0;
  private starts = 0;

  constructor(private readonly deps: ProcRunnerDeps) {
    super();
  }

  async run(spec: RunSpec): Promise<RunResult> {
    const startsBefore = ++this.starts;
    const wasAlone = this.running === 0;
    this.running += 1;
    const meter = new UsageMeter();
    try {
      return await this.contained(spec, meter, () => wasAlone && this.starts === startsBefore);
    } catch (error) {
      // Nothing may come out of here but a result: a fault of ours is a tool error, never a verdict.
      return this.refused(
        spec,
        meter,
        toolError('internal', false, error instanceof Error ? error.message : String(error)),
      );
    } finally {
      this.running -= 1;
      this.deps.files.remove(spec.runId);
    }
  }

  recover(isOwnerDead: (worker: string) => boolean): Promise<readonly RecoveredRun[]> {
    return recoverRuns(this.deps.files, isOwnerDead);
  }

  private async contained(spec: RunSpec, meter: UsageMeter, isAlone: () => boolean): Promise<RunResult> {
    const { isolation, files, worker, outer } = this.deps;
    const minimum = WEAKEST[spec.minIsolation ?? 'none'];
    if (ISOLATION_LEVELS.indexOf(isolation.level) < ISOLATION_LEVELS.indexOf(minimum)) {
      const evidence = `expected isolation ${minimum} or stronger, this machine gives ${isolation.level}`;
      return this.refused(spec, meter, { ...toolError('isolation_unavailable', false, evidence), retryable: false });
    }
    const fault = preflight(spec);
    if (fault) return this.refused(spec, meter, toolError(fault.reason, false, fault.evidence));
    const { runId, cookie } = spec;
    const intent = { runId, cookie, worker, bootId: bootId(), pgid: null, startTicks: null };
    files.write(intent);
    return runOnce({ isolation, files, intent, outer, meter, isAlone }, spec);
  }

  private refused(spec: RunSpec, meter: UsageMeter, result: ReturnType<typeof toolError>): RunResult {
    const empty = new OutputCapture(0, 0).result();
    return {
      ...result,
      runId: spec.runId,
      startedAt: new Date().toISOString(),
      durationMs: 0,
      isolation: this.deps.isolation.level,
      containment: this.deps.isolation.containment,
      output: { stdout: empty, stderr: empty },
      leaked: 0,
      survivors: 0,
      pipeHeldOpen: false,
      usage: meter.finish(false, () => undefined),
    };
  }
}
