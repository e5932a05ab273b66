import { ProcessRunner, type RecoveredRun, type RunResult, type RunSpec } from '../../application/ports/process-runner';
import type { Telemetry } from '../../application/ports/telemetry';

/** A runner whose runs are told to whoever watches; what they run is not. */
export class ObservedProcessRunner extends ProcessRunner {
  constructor(
    private readonly runner: ProcessRunner,
    private readonly telemetry: Telemetry,
  ) {
    super();
  }

  run(spec: RunSpec): Promise<RunResult> {
    return this.telemetry.step('run', { runId: spec.runId }, async (note) => {
      const result = await this.runner.run(spec);
      if (result.kind === 'executed') note({ outcome: result.verdict, exitCode: result.exitCode });
      else note({ outcome: 'tool-error', reason: result.reason });
      return result;
    });
  }

  recover(isOwnerDead: (worker: string) => boolean): Promise<readonly RecoveredRun[]> {
    return this.runner.recover(isOwnerDead);
  }
}
