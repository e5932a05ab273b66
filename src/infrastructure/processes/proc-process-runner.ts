import {
  ISOLATION_LEVELS,
  ProcessRunner,
  type MinIsolation,
  type RecoveredRun,
  type RunResult,
  type RunSpec,
} from '../../application/ports/process-runner';
import { isShortage, toolError, type Classification } from './classify';
import type { Isolation } from './isolation';
import { preflight } from './preflight';
import type { ProcScanner } from './proc-scan';
import { bootId } from './proc-table';
import { recoverRuns } from './recover';
import type { RunFiles } from './run-file';
import { runOnce } from './run-once';
import { RunOutput } from './run-output';
import { RunReport } from './run-report';
import { sampledCpu, UsageMeter } from './usage';

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
  readonly scanner: ProcScanner;
  readonly worker: string;
  /** Cookies of the runs that this process is part of, comma-separated; empty for none. */
  readonly outer: string;
}

/** Runs commands on this machine and ends everything that came of them. */
export class ProcProcessRunner extends ProcessRunner {
  constructor(private readonly deps: ProcRunnerDeps) {
    super();
  }

  async run(spec: RunSpec): Promise<RunResult> {
    try {
      const refusal = this.refusal(spec);
      return await (refusal ? this.refused(spec, refusal) : this.contained(spec));
    } catch (error) {
      // Nothing may come out of here but a result: a fault of ours is a tool error, never a verdict.
      return this.refused(spec, toolError('internal', false, textOf(error)));
    }
  }

  recover(isOwnerDead: (worker: string) => boolean): Promise<readonly RecoveredRun[]> {
    return recoverRuns(this.deps.files, this.deps.scanner, isOwnerDead);
  }

  private refusal(spec: RunSpec): Classification | null {
    const { level } = this.deps.isolation;
    const minimum = WEAKEST[spec.minIsolation ?? 'none'];
    if (ISOLATION_LEVELS.indexOf(level) < ISOLATION_LEVELS.indexOf(minimum)) {
      const evidence = `expected isolation ${minimum} or stronger, this machine gives ${level}`;
      return { ...toolError('isolation_unavailable', false, evidence), retryable: false };
    }
    if (spec.signal?.aborted) return toolError('aborted', false, 'it was told to stop before it had started');
    const fault = preflight(spec);
    return fault && toolError(fault.reason, false, fault.evidence);
  }

  private async contained(spec: RunSpec): Promise<RunResult> {
    const { isolation, files, scanner, worker, outer } = this.deps;
    const meter = new UsageMeter(scanner, spec);
    const { runId, cookie } = spec;
    try {
      await files.intend({ runId, cookie, worker, bootId: bootId() });
    } catch (error) {
      // Without an intent on disk nothing is started: nobody would find what a crash left behind.
      const errno = (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
      const reason = isShortage(errno) ? 'resource_exhausted' : 'internal';
      const fault = toolError(reason, false, `the run's intent could not be stored: ${textOf(error)}`);
      return this.refused(spec, { ...fault, errno });
    }
    const result = await runOnce({ isolation, files, outer, meter }, spec);
    // What could not be killed stays on record: the next start tries again.
    if (result.survivors === 0) files.remove(runId);
    return result;
  }

  private async refused(spec: RunSpec, classification: Classification): Promise<RunResult> {
    const report = new RunReport(this.deps.isolation, spec.runId, new RunOutput({}));
    const usage = await new UsageMeter(this.deps.scanner, spec).finish(sampledCpu([]));
    return report.close(classification, { leaked: 0, survivors: 0, pipeHeldOpen: false, usage });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
