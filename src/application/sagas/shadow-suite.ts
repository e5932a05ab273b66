import { ruleOf } from '../../domain/failures/by-rule';
import { exitCodeToStatus } from '../../domain/staging/exit-code-to-status';
import type { ShadowJob } from '../../domain/task/shadow';
import type { TaskCommand } from '../../domain/task/task.commands';
import type { ToolFailure } from '../../domain/task/task.events';
import { witnessFinding } from '../../domain/witness/witness-finding';
import type { OpenClaim } from '../../domain/task/task.state';
import type { Switches } from '../../domain/policy/switches';
import type { FetchedHeads } from '../ports/git-workspace';
import type { Project } from '../projects';
import { failureOf } from './infra-report';
import type { SuiteRunnerDeps } from './suite-runner.saga';
import { runSuite, suiteDigest, type SuiteOutcome } from './suite-run';

export type RecordShadowSuite = Extract<TaskCommand, { type: 'RecordShadowSuite' }>;

export interface ShadowContext {
  readonly claim: OpenClaim;
  readonly project: Project;
  /** What the agent of that claim works on. */
  readonly heads: FetchedHeads;
  readonly shadow: ShadowJob;
  readonly switches: () => Switches;
  readonly signal: AbortSignal;
}

/** The run of a suite beside the agent of that run. */
export function shadowRunId({ runId }: Pick<OpenClaim, 'runId'>): string {
  return `${runId}-shadow`;
}

/**
 * Runs the suite of a stage on the commit that an agent works on, in a clone of its own. It shares with the agent's run neither
 * folder nor cookie, so neither is ended with the other.
 *
 * @returns null when it was told to stop, or the runner has the stage again: then nothing has been found out.
 */
export async function shadowSuite(deps: SuiteRunnerDeps, context: ShadowContext): Promise<RecordShadowSuite | null> {
  if (!isWanted(context)) return null;
  const { outcome, durationMs } = await outcomeIn(deps, context).catch((error: unknown) => ({
    outcome: { kind: 'failed' as const, ...failureOf(error, 'shadow') },
    durationMs: 0,
  }));
  if (context.signal.aborted || outcome.kind === 'aborted' || outcome.kind === 'unwanted') return null;
  return record(deps, context, outcome, durationMs);
}

type Failed = { readonly kind: 'failed' } & ReturnType<typeof failureOf>;

/** Nobody has called it off, and the runner, whose stage it is when it is switched on, is off. */
function isWanted({ shadow, switches, signal }: ShadowContext): boolean {
  return !signal.aborted && !switches()[shadow.verdict.switchedBy];
}

/** With how long set-up and suite took: making the clone is work that the agent's run has as well. */
async function outcomeIn(
  deps: SuiteRunnerDeps,
  context: ShadowContext,
): Promise<{ readonly outcome: SuiteOutcome; readonly durationMs: number }> {
  const { claim, project, heads, shadow, switches, signal } = context;
  const runId = shadowRunId(claim);
  const suite = suiteIn(context);
  const clone = await deps.git.disposableClone(project.repository, {
    oid: heads.headOid,
    baseOid: heads.baseOid,
    depth: suite.checkoutDepth,
    name: runId,
  });
  try {
    const since = deps.clock.monotonic();
    const outcome = await runSuite(deps, {
      suite,
      project: project.policy.project,
      job: shadow.kind,
      cwd: clone.dir,
      treeOid: heads.headTree,
      emptyFolders: clone.emptyFolders,
      runId,
      cookie: runId,
      signal,
      isWanted: () => isWanted(context),
      treeKill: () => switches().subprocessTreeKill,
    });
    return { outcome, durationMs: Math.round(deps.clock.monotonic() - since) };
  } finally {
    await clone.dispose();
  }
}

function record(
  { hasher }: SuiteRunnerDeps,
  context: ShadowContext,
  outcome: Extract<SuiteOutcome, { kind: 'executed' }> | Failed,
  durationMs: number,
): RecordShadowSuite {
  const { claim, heads, shadow } = context;
  const { stage } = shadow.verdict;
  const failure = outcome.kind === 'failed' ? outcome.failure : noGreen(context, outcome);
  return {
    type: 'RecordShadowSuite',
    data: {
      claim: claim.token,
      stage,
      runId: shadowRunId(claim),
      headOid: heads.headOid,
      status: failure || outcome.kind === 'failed' ? null : exitCodeToStatus(stage, outcome.run.exitCode).status,
      treeOid: heads.headTree,
      suiteDigest: suiteDigest(hasher, suiteIn(context)),
      durationMs,
      run: outcome.run,
      failure,
    },
  };
}

/** What the count of its tests says against a run that would else be a verdict. */
function noGreen(context: ShadowContext, outcome: Extract<SuiteOutcome, { kind: 'executed' }>): ToolFailure | null {
  const found = witnessFinding({ ...outcome.run, ...ruleOf(outcome) }, suiteIn(context));
  return found && { ...found, retryable: false, step: 'suite' };
}

function suiteIn({ shadow, project }: ShadowContext) {
  const suite = shadow.verdict.suite(project.policy);
  if (!suite) throw new Error(`${project.policy.project} has no suite for ${shadow.kind}`);
  return suite;
}
