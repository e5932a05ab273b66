import { logOfStage, renderSuiteLog } from '../../domain/staging/suite-log';
import { instant } from '../../domain/instant';
import type { InfraFailure, OutcomeCommand } from '../../domain/task/task.commands';
import { failedAt } from '../../domain/staging/exit-code-to-status';
import type { SuiteVerdict } from '../../domain/task/job-row';
import { JOBS } from '../../domain/task/job-table';
import { failureAfter } from '../../domain/task/changes/failure';
import { cureOf } from '../../domain/task/words/failure-words';
import type { ArtifactRef, RunRecord } from '../../domain/task/task.events';
import { failureLines } from '../../domain/task/words/why-lines';
import type { ArtifactStore } from '../ports/artifact-store';
import type { Clock } from '../ports/clock';
import type { Hasher } from '../ports/ids';
import { InfrastructureError } from '../ports/infrastructure-error';
import type { SagaContext } from './saga';
import { serviceFailure } from './classified';
import { artifactFile, headOf, suiteOf } from './subject';
import { commandText, suiteDigest } from './suite-run';

export interface InfraReportDeps {
  readonly artifacts: ArtifactStore;
  readonly hasher: Hasher;
  readonly clock: Clock;
}

export type Failed = Pick<InfraFailure, 'failureClass' | 'failure'> & {
  readonly run: RunRecord | null;
  readonly tail: string;
};

/**
 * The outcome of a job that infrastructure ended. Where this failure would be the last one of a suite that makes a
 * verdict, the artifact that says so is kept first: the event must cite it.
 */
export async function infraOutcome(
  deps: InfraReportDeps,
  context: SagaContext,
  failed: Failed,
): Promise<OutcomeCommand> {
  const { failureClass, failure, run } = failed;
  const { verdict } = JOBS[context.claim.job.kind];
  const isLast = verdict !== null && context.effectOf(failed) === 'exhausted';
  const exhaustedArtifact = isLast ? await keepExhausted(deps, context, verdict, failed) : null;
  return {
    type: 'ReportInfraFailure',
    data: { claim: context.claim.token, failureClass, failure, run, exhaustedArtifact },
  };
}

/** Class of a fault that a port threw. Anything but an `InfrastructureError` is a bug and goes on up. */
export function failureOf(error: unknown, step: string): Failed {
  if (!(error instanceof InfrastructureError)) throw error;
  return { ...serviceFailure(error.code, error.message, step), run: null, tail: '' };
}

/** True when a landing ended without saying whether it took place. */
export function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof InfrastructureError && error.code === 'GIT_OUTCOME_UNKNOWN';
}

async function keepExhausted(
  deps: InfraReportDeps,
  context: SagaContext,
  verdict: SuiteVerdict,
  failed: Failed,
): Promise<ArtifactRef> {
  const { task, claim } = context;
  const suite = suiteOf(context, verdict);
  const now = instant(deps.clock.now());
  const run: RunRecord = failed.run ?? {
    runId: claim.runId,
    exitCode: null,
    startedAt: claim.since,
    finishedAt: now,
    durationMs: 0,
    isolation: 'none',
    logDigest: deps.hasher.sha256(''),
    leaked: 0,
    usage: {},
  };
  const text = renderSuiteLog({
    task: task.id,
    title: task.title,
    kind: logOfStage(verdict),
    status: failedAt(verdict.stage).status,
    cause: 'infra-exhausted',
    claim: claim.token,
    subjectOid: headOf(task),
    suiteDigest: suiteDigest(deps.hasher, suite),
    suite: commandText(suite.suite),
    run: { ...run, exitCode: null },
    evidence: [...whyItFailed(context, failed), ...failed.failure.evidence],
    tail: failed.tail,
  });
  return { name: artifactFile(verdict.stage), digest: await deps.artifacts.put(text) };
}

/** The same words as in `why` and the alert, as far as they are known before the append. */
function whyItFailed({ task, claim }: SagaContext, { failureClass, failure, run }: Failed): readonly string[] {
  const event = {
    type: 'ToolErrored',
    data: { claim: claim.token, job: claim.job, failureClass, failure, run },
  } as const;
  const found = failureAfter(task, event);
  if (!found) return [];
  const lines = [...failureLines(found), ['step', failure.step] as const, ['do', cureOf(found)] as const];
  return lines.map(([label, text]) => `${label}: ${text}`);
}
