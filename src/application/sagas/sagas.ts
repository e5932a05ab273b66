import { unreachable } from '../../domain/fact';
import type { JobKind } from '../../domain/task/job';
import { AgentJobSaga, type AgentJobDeps } from './agent-job.saga';
import { failureOf, infraOutcome, isOutcomeUnknown } from './infra-report';
import { LandingRecoverySaga, LandingSaga, type LandingDeps } from './landing.saga';
import { refusedBranch } from './refused-branch';
import { MergeGateSaga } from './merge-gate.saga';
import type { Saga, SagaContext, SagaOutcome } from './saga';
import { StagingRunnerSaga, type StagingRunnerDeps } from './staging-runner.saga';

export type SagasDeps = AgentJobDeps & StagingRunnerDeps & LandingDeps;

/** One saga per kind of job, and the one place where a fault of a port becomes an outcome. */
export class Sagas {
  constructor(private readonly deps: SagasDeps) {}

  /** @throws what no port announced: a bug, which the conductor turns into a tool error. */
  async run(context: SagaContext): Promise<SagaOutcome> {
    const { kind } = context.claim.job;
    try {
      return await this.sagaOf(kind).run(context);
    } catch (error) {
      // A landing that was cut short may have happened all the same: its claim is given back, the recovery asks git.
      if (kind === 'landing' && isOutcomeUnknown(error)) throw error;
      return refusedBranch(context, error) ?? (await infraOutcome(this.deps, context, failureOf(error, kind)));
    }
  }

  private sagaOf(kind: JobKind): Saga {
    switch (kind) {
      case 'staging-suite':
        return new StagingRunnerSaga(this.deps);
      case 'agent':
        return new AgentJobSaga(this.deps);
      case 'merge-gate':
        return new MergeGateSaga(this.deps);
      case 'landing':
        return new LandingSaga(this.deps);
      case 'landing-recovery':
        return new LandingRecoverySaga(this.deps);
      default:
        return unreachable(kind);
    }
  }
}
