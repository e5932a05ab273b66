import { exitCodeToStatus } from '../../domain/staging/exit-code-to-status';
import { renderStagingLog } from '../../domain/staging/staging-log';
import type { FetchedHeads, GitWorkspace } from '../ports/git-workspace';
import { infraOutcome, type InfraReportDeps } from './infra-report';
import type { Saga, SagaContext, SagaOutcome } from './saga';
import { artifactFile, fetchSubject } from './subject';
import { commandText, environmentDigest, runSuite, suiteDigest, type SuiteDeps, type SuiteOutcome } from './suite-run';

export interface StagingRunnerDeps extends SuiteDeps, InfraReportDeps {
  readonly git: GitWorkspace;
}

/** Runs the project's staging suite at the exact head, in a clone of its own, and renders what came of it. */
export class StagingRunnerSaga implements Saga {
  constructor(private readonly deps: StagingRunnerDeps) {}

  async run(context: SagaContext): Promise<SagaOutcome> {
    const { claim, project, switches, signal } = context;
    if (!switches.stagingRunner) {
      return { type: 'ReleaseClaim', data: { claim: claim.token, reason: 'the staging-runner was switched off' } };
    }
    const heads = await fetchSubject(this.deps.git, context);
    if ('stale' in heads) return heads.stale;
    const { staging } = project.policy;
    const clone = await this.deps.git.disposableClone(project.repository, {
      oid: heads.headOid,
      depth: staging.checkoutDepth,
      name: claim.runId,
    });
    try {
      const { runId, cookie } = claim;
      const outcome = await runSuite(this.deps, { suite: staging, cwd: clone.dir, runId, cookie, signal });
      return await this.report(context, heads, outcome);
    } finally {
      await clone.dispose();
    }
  }

  private async report(context: SagaContext, heads: FetchedHeads, outcome: SuiteOutcome): Promise<SagaOutcome> {
    switch (outcome.kind) {
      case 'aborted':
        return 'abandoned';
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
