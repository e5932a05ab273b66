import {
  ISOLATION_LEVELS,
  ProcessRunner,
  type IsolationLevel,
  type MinIsolation,
  type RecoveredRun,
  type RunResult,
  type RunSpec,
} from '../../application/ports/process-runner';
import { makeCgroup, removeCgroup } from './isolation/cgroup';
import { isShortage, toolError, type Classification } from './judge-run';
import { Deadline } from './deadline';
import type { Isolation } from './isolation/isolation';
import { NO_ISOLATION } from './isolation/levels';
import type { PipePool } from './output/pipe-pool';
import { preflight } from './launch/preflight';
import type { Probed } from './isolation/probe';
import type { ProcScanner } from './proc/proc-scan';
import { bootId } from './proc/proc-table';
import { recoverRuns } from './ending/recover';
import type { RunFiles } from './run-file';
import { runOnce } from './run-once';
import { RunOutput } from './output/run-output';
import { RunReport } from './run-report';
import { sampledCpu, UsageMeter } from './usage';
import { clearWitness } from './witness';
import { wordsOf } from '../../domain/within-sentence';

/** Nothing has run: there is nothing to wait for. */
const REFUSAL_CAP_MS = 100;

/** The weakest level that satisfies a demand; levels are listed weakest first. */
const WEAKEST: Readonly<Record<MinIsolation, (typeof ISOLATION_LEVELS)[number]>> = {
  none: 'none',
  L0: 'L0-group',
  L1: 'L1-cookie',
  L2: 'L2-cgroup',
  L3: 'L3-both',
};

export interface ProcRunnerDeps {
  /** Asked once, before the first run. */
  readonly probe: () => Promise<Probed>;
  readonly files: RunFiles;
  readonly scanner: ProcScanner;
  readonly pipes: PipePool;
  readonly worker: string;
  /** Cookies of the runs that this process is part of, comma-separated; empty for none. */
  readonly outer: string;
  /** Files that count what the kernel killed for want of memory. */
  readonly oomCounters: readonly string[];
}

/** Runs commands on this machine and ends everything that came of them. */
export class ProcProcessRunner extends ProcessRunner {
  private probing: Promise<Probed> | null = null;
  private found: IsolationLevel = 'none';

  constructor(private readonly deps: ProcRunnerDeps) {
    super();
  }

  /** The level that runs get, and why no stronger one. */
  probed(): Promise<Probed> {
    this.probing ??= this.deps.probe().then((probed) => {
      this.found = probed.isolation.level;
      return probed;
    });
    return this.probing;
  }

  /** The same, as far as it is known: `none` before anybody has asked. */
  get level(): IsolationLevel {
    return this.found;
  }

  async run(spec: RunSpec): Promise<RunResult> {
    let isolation: Isolation = NO_ISOLATION;
    try {
      if (spec.treeKill !== false) ({ isolation } = await this.probed());
      const refusal = refusalOf(isolation, spec);
      return await (refusal ? this.refused(isolation, spec, refusal) : this.contained(isolation, spec));
    } catch (error) {
      // Nothing may come out of here but a result: a fault of ours is a tool error, never a verdict.
      return this.refused(isolation, spec, toolError('internal', false, wordsOf(error)));
    }
  }

  recover(isOwnerDead: (worker: string) => boolean): Promise<readonly RecoveredRun[]> {
    return recoverRuns(this.deps.files, this.deps.scanner, isOwnerDead);
  }

  private async contained(isolation: Isolation, spec: RunSpec): Promise<RunResult> {
    const { files, scanner, pipes, worker, outer, oomCounters } = this.deps;
    const { runId, cookie } = spec;
    const meter = new UsageMeter(scanner, spec);
    const cgroup = isolation.cgroupOf(runId);
    try {
      await clearWitness(spec);
      await files.intend({ runId, cookie, worker, bootId: bootId(), cgroup });
      if (cgroup !== null) makeCgroup(cgroup);
    } catch (error) {
      // Without an intent on disk nothing is started: nobody would find what a crash left behind.
      if (cgroup !== null) await removeCgroup(cgroup);
      files.remove(runId);
      return this.refused(isolation, spec, notPrepared(error));
    }
    const result = await runOnce({ isolation, files, pipes, outer, meter, cgroup, oomCounters }, spec);
    const isGone = cgroup === null || (await removeCgroup(cgroup));
    // What could not be ended stays on record: the next start tries again.
    if (result.survivors === 0 && isGone) files.remove(runId);
    return result;
  }

  private async refused(isolation: Isolation, spec: RunSpec, classification: Classification): Promise<RunResult> {
    const report = new RunReport(isolation, spec.runId, new RunOutput({}));
    const deadline = Deadline.in(REFUSAL_CAP_MS);
    const usage = await new UsageMeter(this.deps.scanner, spec).finish(sampledCpu([]), deadline);
    return report.close(classification, { leaked: 0, survivors: 0, pipeHeldOpen: false, usage }, deadline);
  }
}

function refusalOf({ level }: Isolation, spec: RunSpec): Classification | null {
  const minimum = WEAKEST[spec.minIsolation ?? 'none'];
  if (ISOLATION_LEVELS.indexOf(level) < ISOLATION_LEVELS.indexOf(minimum)) {
    const evidence = `expected isolation ${minimum} or stronger, this machine gives ${level}: see docs/process-runner.md`;
    return toolError('isolation_too_weak', false, evidence);
  }
  if (spec.signal?.aborted) return toolError('aborted', false, 'it was told to stop before it had started');
  const fault = preflight(spec);
  return fault && toolError(fault.reason, false, fault.evidence);
}

function notPrepared(error: unknown): Classification {
  const errno = (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
  const reason = isShortage(errno) ? 'resource_exhausted' : 'internal';
  return { ...toolError(reason, false, `the run could not be prepared: ${wordsOf(error)}`), errno };
}
