import { exitCodeToStatus } from '../../domain/staging/exit-code-to-status';
import { renderStagingLog } from '../../domain/staging/staging-log';
import { jobKey } from '../../domain/task/job';
import type { OutcomeCommand } from '../../domain/task/task.commands';
import type { OpenClaim } from '../../domain/task/task.state';
import type { DisposableClone, FetchedHeads, GitWorkspace } from '../ports/git-workspace';
import { InfrastructureError } from '../ports/infrastructure-error';
import { infraOutcome, type InfraReportDeps } from './infra-report';
import type { Saga, SagaContext, SagaOutcome } from './saga';
import { artifactFile, fetchSubject } from './subject';
import { commandText, environmentDigest, runSuite, suiteDigest, type SuiteDeps, type SuiteOutcome } from './suite-run';
import { wordsOf } from '../../domain/within-sentence';

export interface StagingRunnerDeps extends SuiteDeps, InfraReportDeps {
  readonly git: GitWorkspace;
}

type Prepared =
  { readonly outcome: OutcomeCommand } | { readonly heads: FetchedHeads; readonly clone: DisposableClone };

/** Runs the project's staging suite at the exact head, in a clone of its own, and renders what came of it. */
export class StagingRunnerSaga implements Saga {
  constructor(private readonly deps: StagingRunnerDeps) {}

  async run(context: SagaContext): Promise<SagaOutcome> {
    const { claim, project, signal } = context;
    if (!context.switches.stagingRunner) return switchedOff(claim);
    const prepared = await this.prepare(context);
    if ('outcome' in prepared) return prepared.outcome;
    const { heads, clone } = prepared;
    const { staging } = project.policy;
    try {
      const { runId, cookie } = claim;
      const where = {
        project: project.policy.project,
        job: jobKey(claim.job),
        cwd: clone.dir,
        emptyFolders: clone.emptyFolders,
        treeOid: heads.headTree,
      };
      // A clone and a set-up take their time, in which somebody may have switched the runner off.
      const isWanted = () => context.switches.stagingRunner;
      const outcome = await runSuite(this.deps, { suite: staging, ...where, runId, cookie, signal, isWanted });
      return await this.report(context, heads, outcome);
    } finally {
      await clone.dispose();
    }
  }

  /**
   * Everything before the first process. A fault of ours in here has learned nothing about the change and started nothing,
   * so a deployer may stand in, where the project has one; without one, and once a run has begun, it is a tool error.
   */
  private async prepare(context: SagaContext): Promise<Prepared> {
    const { claim, project } = context;
    try {
      const heads = await fetchSubject(this.deps.git, context);
      if ('stale' in heads) return { outcome: heads.stale };
      const depth = project.policy.staging.checkoutDepth;
      const options = { oid: heads.headOid, baseOid: heads.baseOid, depth, name: claim.runId };
      return { heads, clone: await this.deps.git.disposableClone(project.repository, options) };
    } catch (error) {
      if (error instanceof InfrastructureError || !project.policy.agents.deployer) throw error;
      const reason = `the staging-runner could not be started: ${wordsOf(error)}`;
      return { outcome: { type: 'ReleaseClaim', data: { claim: claim.token, reason, runnerUnavailable: true } } };
    }
  }

  private async report(context: SagaContext, heads: FetchedHeads, outcome: SuiteOutcome): Promise<SagaOutcome> {
    switch (outcome.kind) {
      case 'aborted':
        return 'abandoned';
      case 'unwanted':
        return switchedOff(context.claim);
      case 'failed':
        return infraOutcome(this.deps, context, outcome);
      case 'executed':
        return this.executed(context, heads, outcome);
    }
  }

  private async executed(
    { task, claim, project }: SagaContext,
    heads: FetchedHeads,
    { run, tail }: Extract<SuiteOutcome, { kind: 'executed' }>,
  ): Promise<SagaOutcome> {
    const { artifacts, hasher } = this.deps;
    const { staging } = project.policy;
    const digest = suiteDigest(hasher, staging);
    const text = renderStagingLog({
      task: task.id,
      title: task.title,
      status: exitCodeToStatus(run.exitCode),
      cause: null,
      claim: claim.token,
      subjectOid: heads.headOid,
      suiteDigest: digest,
      suite: commandText(staging.suite),
      run,
      evidence: [],
      tail,
    });
    const artifact = { name: artifactFile('deploy-staging'), digest: await artifacts.put(text) };
    return {
      type: 'ReportStagingRun',
      data: {
        claim: claim.token,
        suite: {
          run,
          treeOid: heads.headTree,
          baseOid: heads.baseOid,
          suiteDigest: digest,
          environmentDigest: environmentDigest(this.deps, staging),
          artifact,
        },
      },
    };
  }
}

function switchedOff({ token }: OpenClaim): OutcomeCommand {
  return { type: 'ReleaseClaim', data: { claim: token, reason: 'the staging-runner was switched off' } };
}
