import type { RunResult, RunSpec } from '../../application/ports/process-runner';
import type { Classification } from './judge-run';
import type { Deadline } from './deadline';
import type { Isolation } from './isolation/isolation';
import { RunOutput } from './output/run-output';

/** What is measured when a run is over. */
export type EndFacts = Pick<
  RunResult,
  'leaked' | 'survivors' | 'pipeHeldOpen' | 'usage' | 'isOomKilled' | 'killTimeline'
>;

/** Collects what is to be said about one run, from its first moment on. */
export class RunReport {
  readonly startedMs = Date.now();
  private readonly startedAt = performance.now();

  constructor(
    private readonly isolation: Pick<Isolation, 'level' | 'containment'>,
    private readonly runId: string,
    readonly output: RunOutput,
  ) {}

  static of(isolation: Pick<Isolation, 'level' | 'containment'>, spec: RunSpec): RunReport {
    return new RunReport(isolation, spec.runId, new RunOutput(spec));
  }

  /** Milliseconds since the start. */
  clock(): number {
    return Math.round(performance.now() - this.startedAt);
  }

  async close(classification: Classification, facts: EndFacts, deadline: Deadline): Promise<RunResult> {
    const durationMs = this.clock();
    const logFault = await this.output.close(deadline);
    const tests = this.output.tests();
    const common = {
      runId: this.runId,
      startedAt: new Date(this.startedMs).toISOString(),
      durationMs,
      isolation: this.isolation.level,
      containment: this.isolation.containment,
      output: this.output.captured(),
      ...facts,
      ...(tests === null ? {} : { tests }),
      ...(logFault === null ? {} : { logFault }),
    };
    if (classification.kind === 'tool_error') return { ...common, ...classification };
    return { ...common, ...classification, verdict: classification.exitCode === 0 ? 'pass' : 'fail' };
  }
}
