import type { Digest } from '../ids';
import { comesAfter, RETEST_ARTIFACT, rowOf, STAGE_TRANSITIONS, type WorkStage } from '../task/pipeline';
import type { SubmittedTask } from '../task/task.state';

/** Something that was written about the task, by the name it has in a brief. */
export interface Report {
  readonly name: string;
  readonly digest: Digest;
  /** It says why the task came back. */
  readonly isReason: boolean;
}

/** What belongs into a brief of what was written before: what the work goes by, and what it came back for. */
export function reportsFor(task: SubmittedTask, stage: WorkStage): readonly Report[] {
  const designs = STAGE_TRANSITIONS.flatMap(({ stage: earlier, artifact }) => {
    const isBefore = comesAfter(stage, earlier) && !comesAfter(earlier, 'development');
    return artifact && isBefore ? newest(task, artifact.file, false) : [];
  });
  return [...designs, ...reasonFor(task)];
}

function reasonFor(task: SubmittedTask): readonly Report[] {
  const { failure, from } = task.sentBack ?? {};
  if (!failure || !from) return [];
  // The artifact of the stage is about the head by itself, and was green.
  if (failure.job.kind === 'merge-gate')
    return failure.output === undefined ? [] : [{ name: RETEST_ARTIFACT.file, digest: failure.output, isReason: true }];
  const { artifact } = rowOf(from);
  return artifact ? newest(task, artifact.file, true) : [];
}

function newest({ artifacts }: SubmittedTask, name: string, isReason: boolean): readonly Report[] {
  const digest = artifacts[name]?.at(-1);
  return digest === undefined ? [] : [{ name, digest, isReason }];
}
