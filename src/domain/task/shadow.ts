import type { ProjectPolicy, ShadowStage } from '../policy/project-policy';
import type { Switches } from '../policy/switches';
import { suiteJobOf, type PlainKind } from './job';
import type { SuiteVerdict } from './job-row';
import { JOBS } from './job-table';
import { rowOf } from './pipeline';
import type { TaskEventData } from './task.events';
import type { OpenClaim, SubmittedTask } from './task.state';

/** The job that would be done in place of an agent's, and what its suite is for the stage. */
export interface ShadowJob {
  readonly kind: PlainKind;
  readonly verdict: SuiteVerdict;
}

/**
 * What the suite runner of a stage is asked for beside the agent who has the stage: once for each commit that it executed for.
 * null: nothing. An agent who stands in because the runner could not be started has no shadow: it would not start either.
 */
export function shadowOf(
  { shadows }: SubmittedTask,
  { job, stage, headOid }: OpenClaim,
  policy: ProjectPolicy,
  switches: Switches,
): ShadowJob | null {
  if (job.kind !== 'agent' || !isShadowed(policy, stage) || rowOf(stage).fallback !== job.role) return null;
  const kind = suiteJobOf(stage);
  const verdict = kind && JOBS[kind].verdict;
  if (!verdict || verdict.suite(policy) === null || switches[verdict.switchedBy]) return null;
  const known = shadows[stage];
  const isKnown = known !== undefined && known.headOid === headOid && known.status !== null;
  return headOid === null || isKnown ? null : { kind, verdict };
}

export function isShadowed({ shadow = [] }: ProjectPolicy, stage: string): stage is ShadowStage {
  return shadow.some((each) => each === stage);
}

export function withShadow(
  { shadows }: SubmittedTask,
  { stage, runId, headOid, status }: TaskEventData['ShadowSuiteFinished'],
): SubmittedTask['shadows'] {
  return { ...shadows, [stage]: { runId, headOid, status } };
}
