import type { Digest } from '../ids';
import { jobName, type Job } from '../task/job';
import { JOBS } from '../task/job-table';
import { comesAfter, RETEST_ARTIFACT, rowOf, STAGE_TRANSITIONS, type WorkStage } from '../task/pipeline';
import type { SentBack, SubmittedTask } from '../task/task.state';

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
  return [...designs, ...reasonFor(task), ...ownBefore(task, stage)];
}

function reasonFor(task: SubmittedTask): readonly Report[] {
  const { failure, from } = reasonOf(task) ?? {};
  if (!failure || !from) return [];
  // The artifact of the stage is about the head by itself, and was green.
  if (failure.job.kind === 'merge-gate' || JOBS[failure.job.kind].report !== null)
    return failure.output === undefined ? [] : [{ name: nameOf(failure.job), digest: failure.output, isReason: true }];
  const { artifact } = rowOf(from);
  if (!artifact) return [];
  const kept = task.sentBack ? undefined : task.reworked?.report;
  return kept === undefined
    ? newest(task, artifact.file, true)
    : [{ name: artifact.file, digest: kept, isReason: true }];
}

/** What the work came back for: still to be repaired, or repaired and to be judged again. */
function reasonOf({ sentBack, reworked }: SubmittedTask): SentBack | null {
  return sentBack ?? reworked?.sentBack ?? null;
}

/** What the same role has said of the change before it was repaired. */
function ownBefore(task: SubmittedTask, stage: WorkStage): readonly Report[] {
  const { artifact } = rowOf(stage);
  const isAgain = task.reworked !== null && comesAfter(stage, 'development');
  const isReason = reasonOf(task)?.from === stage;
  return artifact && isAgain && !isReason ? newest(task, artifact.file, false) : [];
}

function nameOf(job: Job): string {
  return job.kind === 'merge-gate' ? RETEST_ARTIFACT.file : `${jobName(job)}.md`;
}

function newest({ artifacts }: SubmittedTask, name: string, isReason: boolean): readonly Report[] {
  const digest = artifacts[name]?.at(-1);
  return digest === undefined ? [] : [{ name, digest, isReason }];
}
