import { exitCodeToStatus } from '../../domain/staging/exit-code-to-status';
import type { DEPLOY_VARIABLES, Handed } from '../../domain/handed-to-runs';
import { canonicalJson } from '../../domain/json';
import { logOfStage, renderSuiteLog } from '../../domain/staging/suite-log';
import type { DeployPolicy } from '../../domain/policy/project-policy';
import type { Digest, Oid } from '../../domain/ids';
import type { OutcomeCommand } from '../../domain/task/task.commands';
import { failpoint } from '../failpoint';
import type { GitWorkspace } from '../ports/git-workspace';
import type { HostEnvironment } from '../ports/host-environment';
import type { ProcessRunner, RunResult, ToolErrorRun } from '../ports/process-runner';
import { failureOf, infraOutcome, type InfraReportDeps } from './infra-report';
import { runOperatorCommand } from './operator-command';
import { lastOutput, runRecord } from './run-record';
import { givenBack, type Saga, type SagaContext, type SagaOutcome } from './saga';
import { artifactFile } from './subject';
import { commandText, environmentDigest } from './suite-run';
import { commandFailure } from './tool-failure';

export interface DeployDeps extends InfraReportDeps {
  readonly git: GitWorkspace;
  readonly runner: ProcessRunner;
  readonly host: HostEnvironment;
}

/** What is deployed. */
interface Landed {
  readonly oid: Oid;
  readonly treeOid: Oid;
  readonly deploy: DeployPolicy;
}

/**
 * Runs the deploy command on the landed commit, in a clone of its own. That it begins is on record before it does, so that nobody
 * ever begins it again unasked.
 */
export class DeploySaga implements Saga {
  constructor(private readonly deps: DeployDeps) {}

  async run(context: SagaContext): Promise<SagaOutcome> {
    const { task, claim, project } = context;
    const { deploy } = project.policy;
    if (!deploy) return givenBack(context, 'no deploy command is configured any more');
    if (!task.landed) throw new Error(`claim ${claim.token} is for a deploy of ${task.id}, which has not landed`);
    const { newOid: oid } = task.landed;
    const { treeOid, newer } = await this.deps.git.landedCommit(project.repository, { task: task.id, oid });
    if (newer !== null) return superseded(context, oid, newer);
    const options = { oid, baseOid: oid, depth: 'full', name: claim.runId } as const;
    const clone = await this.deps.git.disposableClone(project.repository, options);
    try {
      const stopped = await this.begin(context, oid);
      if (stopped) return stopped;
      await failpoint('deploy.begun');
      const result = await this.runCommand(context, deploy, { oid, cwd: clone.dir });
      await failpoint('deploy.ran');
      return await this.report(context, { oid, treeOid, deploy }, result);
    } finally {
      // Nothing that is left of it may hide how the deploy ended; the next start removes it.
      await clone.dispose().catch(() => undefined);
    }
  }

  /** @returns what became of it where the command is not to be started. */
  private async begin(context: SagaContext, oid: Oid): Promise<SagaOutcome | null> {
    if (!context.switches.deployFinalizer) return givenBack(context, 'deployFinalizer was switched off');
    const data = { claim: context.claim.token, oid };
    try {
      return (await context.record({ type: 'RecordDeployBegun', data })) ? null : 'abandoned';
    } catch (error) {
      // The record may be there all the same, and the command is not.
      return neverStarted(await infraOutcome(this.deps, context, failureOf(error, 'deploy')));
    }
  }

  private runCommand(
    context: SagaContext,
    deploy: DeployPolicy,
    { oid, cwd }: { readonly oid: Oid; readonly cwd: string },
  ): Promise<RunResult> {
    const told: Handed<typeof DEPLOY_VARIABLES> = {
      STAGEGATE_COMMIT: oid,
      STAGEGATE_DEPLOY_PROJECT: context.project.policy.project,
      STAGEGATE_TASK: context.task.id,
    };
    // What a shell says with 126 and 127 of its last line, says nothing of the lines before.
    return runOperatorCommand(this.deps, context, deploy, { cwd, told, toolErrorExitCodes: [] });
  }

  private async report(context: SagaContext, landed: Landed, result: RunResult): Promise<SagaOutcome> {
    const { task, claim } = context;
    const { oid, treeOid, deploy } = landed;
    const [run, tail] = [runRecord(this.deps.hasher, result), lastOutput(result)];
    if (result.kind === 'tool_error') {
      if (result.reason === 'aborted' && context.signal.aborted) return 'abandoned';
      const isTimeout = result.reason === 'timeout' || result.reason === 'timeout_starved';
      const failure = { ...commandFailure(result, deploy.command, tail), step: 'deploy' };
      const failed = { failureClass: isTimeout ? 'timeout' : 'tool-error', failure, run, tail } as const;
      const outcome = await infraOutcome(this.deps, context, failed);
      return isCertainlyUnstarted(result) ? neverStarted(outcome) : outcome;
    }
    const { exitCode } = result;
    const commandDigest = this.digestOf(deploy);
    const text = renderSuiteLog({
      kind: logOfStage({ stage: 'deploy', heading: 'Deploy' }),
      task: task.id,
      title: task.title,
      status: exitCodeToStatus('deploy', exitCode).status,
      cause: null,
      claim: claim.token,
      subjectOid: oid,
      suiteDigest: commandDigest,
      suite: commandText(deploy.command),
      run,
      evidence: [],
      tail,
    });
    const artifact = { name: artifactFile('deploy'), digest: await this.deps.artifacts.put(text) };
    const environment = environmentDigest(this.deps, deploy, run.isolation);
    const at = { oid, treeOid, commandDigest, environmentDigest: environment, artifact };
    const deployed = { run: { ...run, exitCode }, ...at };
    return { type: 'ReportDeployRun', data: { claim: claim.token, deployed } };
  }

  private digestOf({ command, env }: DeployPolicy): Digest {
    return this.deps.hasher.sha256(canonicalJson({ command, env }));
  }
}

/** A fault of the runner's own may come after the start, whatever it says. */
function isCertainlyUnstarted({ executed, reason }: ToolErrorRun): boolean {
  return executed === false && reason !== 'internal';
}

function neverStarted(outcome: OutcomeCommand): OutcomeCommand {
  if (outcome.type !== 'ReportInfraFailure') return outcome;
  return { ...outcome, data: { ...outcome.data, neverStarted: true } };
}

function superseded({ claim }: SagaContext, subjectOid: Oid, newer: string): SagaOutcome {
  return { type: 'ReportEvidence', data: { claim: claim.token, subjectOid, evidence: { newer }, run: null } };
}
