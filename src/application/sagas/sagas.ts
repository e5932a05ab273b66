import type { JobKind } from '../../domain/task/job-row';
import { JOBS } from '../../domain/task/job-table';
import { AgentJobSaga, type AgentJobDeps } from './agent-job.saga';
import { DeploySaga, type DeployDeps } from './deploy.saga';
import { failureOf, infraOutcome, isOutcomeUnknown } from './infra-report';
import { LandingRecoverySaga, LandingSaga, type LandingDeps } from './landing.saga';
import { MonitorSaga, type MonitorDeps } from './monitor/monitor.saga';
import { refusedBranch } from './refused-branch';
import { JudgeSaga } from './judge/judge.saga';
import { MergeGateSaga } from './merge-gate.saga';
import { ReportJobSaga, type ReportJobDeps } from './reports/report-job.saga';
import { RevertCheckSaga } from './revert-check.saga';
import type { Saga, SagaContext, SagaOutcome } from './saga';
import { shadowSuite, type RecordShadowSuite, type ShadowContext } from './shadow-suite';
import { SuiteRunnerSaga, type SuiteRunnerDeps } from './suite-runner.saga';

export type SagasDeps = AgentJobDeps & SuiteRunnerDeps & ReportJobDeps & LandingDeps & DeployDeps & MonitorDeps;

const SAGAS: Readonly<Record<JobKind, new (deps: SagasDeps) => Saga>> = {
  'staging-suite': SuiteRunnerSaga,
  'testing-suite': SuiteRunnerSaga,
  'merge-gate': MergeGateSaga,
  'revert-check': RevertCheckSaga,
  'judge-run': JudgeSaga,
  'security-scan': ReportJobSaga,
  'coverage-run': ReportJobSaga,
  'image-check': ReportJobSaga,
  landing: LandingSaga,
  'landing-recovery': LandingRecoverySaga,
  deploy: DeploySaga,
  'monitor-poll': MonitorSaga,
  agent: AgentJobSaga,
};

/** One saga per kind of job, and the one place where a fault of a port becomes an outcome. */
export class Sagas {
  constructor(private readonly deps: SagasDeps) {}

  /** What the runner of a stage says beside the agent who has it. @throws what no port announced. */
  shadow(context: ShadowContext): Promise<RecordShadowSuite | null> {
    return shadowSuite(this.deps, context);
  }

  /** @throws what no port announced: a bug, which the conductor turns into a tool error. */
  async run(context: SagaContext): Promise<SagaOutcome> {
    const { kind } = context.claim.job;
    try {
      return await new SAGAS[kind](this.deps).run(context);
    } catch (error) {
      // A landing that was cut short may have happened all the same: its claim is given back, the recovery asks git.
      if (JOBS[kind].onFault === 'given-back' && isOutcomeUnknown(error)) throw error;
      return refusedBranch(context, error) ?? (await infraOutcome(this.deps, context, failureOf(error, kind)));
    }
  }
}
