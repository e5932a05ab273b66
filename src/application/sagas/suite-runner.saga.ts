import { ruleOf } from '../../domain/failures/by-rule';
import { failedAt, passedAt } from '../../domain/staging/exit-code-to-status';
import { logOfStage } from '../../domain/staging/suite-log';
import type { SuitePolicy } from '../../domain/policy/project-policy';
import type { SuiteVerdict } from '../../domain/task/job-row';
import { JOBS } from '../../domain/task/job-table';
import { rowOf, runnerOf } from '../../domain/task/pipeline';
import type { OutcomeCommand } from '../../domain/task/task.commands';
import type { OpenClaim } from '../../domain/task/task.state';
import type { DisposableClone, FetchedHeads, GitWorkspace } from '../ports/git-workspace';
import { InfrastructureError } from '../ports/infrastructure-error';
import { runConfirmed, type ConfirmedOutcome, type Executed } from './confirmed-suite';
import { infraOutcome, type InfraReportDeps } from './infra-report';
import type { Saga, SagaContext, SagaOutcome } from './saga';
import { artifactFile, fetchSubject, suiteOf } from './subject';
import { keepSuiteLog } from './suite-artifact';
import type { SuiteDeps } from './suite-run';
import { wordsOf } from '../../domain/within-sentence';

export interface SuiteRunnerDeps extends SuiteDeps, InfraReportDeps {
  readonly git: GitWorkspace;
}

type Prepared =
  { readonly outcome: OutcomeCommand } | { readonly heads: FetchedHeads; readonly clone: DisposableClone };

/** Runs the suite of a stage at the exact head, in a clone of its own, and renders what came of it. */
export class SuiteRunnerSaga implements Saga {
  constructor(private readonly deps: SuiteRunnerDeps) {}

  async run(context: SagaContext): Promise<SagaOutcome> {
    const { claim } = context;
    const { verdict } = JOBS[claim.job.kind];
    if (!verdict) throw new Error(`claim ${claim.token} is for no suite`);
    const isWanted = () => context.switches[verdict.switchedBy];
    if (!isWanted()) return switchedOff(claim, verdict);
    const suite = suiteOf(context, verdict);
    const prepared = await this.prepare(context, verdict, suite);
    if ('outcome' in prepared) return prepared.outcome;
    const { heads, clone } = prepared;
    // A clone and a set-up take their time, in which somebody may have switched the runner off.
    const judged = {
      suite,
      treeOid: heads.headTree,
      containsMain: heads.containsBase,
      isWanted,
      cloneAs: (name: string) => this.cloneOf(context, suite, heads, name),
    };
    const outcome = await runConfirmed(this.deps, context, judged, clone);
    return this.report(context, verdict, heads, outcome);
  }

  private cloneOf({ project }: SagaContext, suite: SuitePolicy, { headOid: oid, baseOid }: FetchedHeads, name: string) {
    return this.deps.git.disposableClone(project.repository, { oid, baseOid, depth: suite.checkoutDepth, name });
  }

  /**
   * Everything before the first process. A fault of ours in here has learned nothing about the change and started nothing,
   * so an agent may stand in, where the project has one; without one, and once a run has begun, it is a tool error.
   */
  private async prepare(context: SagaContext, { stage }: SuiteVerdict, suite: SuitePolicy): Promise<Prepared> {
    const { claim, project } = context;
    try {
      const heads = await fetchSubject(this.deps.git, context);
      if ('stale' in heads) return { outcome: heads.stale };
      return { heads, clone: await this.cloneOf(context, suite, heads, claim.runId) };
    } catch (error) {
      const { fallback } = rowOf(stage);
      const hasStandIn = fallback !== null && project.policy.agents[fallback] !== undefined;
      if (error instanceof InfrastructureError || !hasStandIn) throw error;
      const reason = `the ${runnerOf(stage)} could not be started: ${wordsOf(error)}`;
      return { outcome: { type: 'ReleaseClaim', data: { claim: claim.token, reason, runnerUnavailable: true } } };
    }
  }

  private async report(
    context: SagaContext,
    verdict: SuiteVerdict,
    heads: FetchedHeads,
    outcome: ConfirmedOutcome,
  ): Promise<SagaOutcome> {
    switch (outcome.kind) {
      case 'aborted':
        return 'abandoned';
      case 'unwanted':
        return switchedOff(context.claim, verdict);
      case 'failed':
        return infraOutcome(this.deps, context, outcome);
      case 'executed':
        return this.executed(context, verdict, heads, outcome);
    }
  }

  private async executed(
    context: SagaContext,
    verdict: SuiteVerdict,
    heads: FetchedHeads,
    outcome: Extract<ConfirmedOutcome, Executed>,
  ): Promise<SagaOutcome> {
    const { claim } = context;
    const { stage } = verdict;
    const artifact = await keepSuiteLog(this.deps, context, {
      ...outcome,
      logKind: logOfStage(verdict),
      artifact: { file: artifactFile(stage), passes: passedAt(stage).status, fails: failedAt(stage).status },
      suite: suiteOf(context, verdict),
      subjectOid: heads.headOid,
    });
    const suite = { run: outcome.run, baseOid: heads.baseOid, ...outcome.tested, artifact, ...ruleOf(outcome) };
    return { type: 'ReportSuiteRun', data: { claim: claim.token, suite } };
  }
}

function switchedOff({ token }: OpenClaim, { stage }: SuiteVerdict): OutcomeCommand {
  return { type: 'ReleaseClaim', data: { claim: token, reason: `the ${runnerOf(stage)} was switched off` } };
}
