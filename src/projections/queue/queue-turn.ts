import { isFinal, STAGES, type PipelineStage } from '../../domain/task/pipeline';
import type { SubmittedTask } from '../../domain/task/task.state';

const MOST_URGENT = 9;
/** An instant and a task's id, of which neither has characters of any other kind. */
const TURN = /^\d\d [0-9TZ:.-]+ [A-Za-z0-9._-]+$/;

/**
 * A task's place in the queue, as text that is in the queue's order: by stage of the pipeline, then the most urgent first,
 * then the one that has been there longest, then by id. null when the task is at its end.
 */
export function turnOf({ stage, priority, stageSince, id }: SubmittedTask): string | null {
  if (isFinal(stage)) return null;
  const urgency = MOST_URGENT - Math.max(0, Math.min(priority, MOST_URGENT));
  return `${stageDigit(stage)}${urgency} ${stageSince} ${id}`;
}

/** All places of one stage are from the first of these on and before the second. */
export function turnsAt(stage: Exclude<PipelineStage, 'done'>): readonly [from: string, before: string] {
  const digit = stageDigit(stage);
  return [String(digit), String(digit + 1)];
}

/** A place as a page names it: of use for going on there, and for nothing else. */
export function cursorOf(turn: string): string {
  return Buffer.from(turn).toString('base64url');
}

/** @returns null for what no page has named. */
export function turnAt(cursor: string): string | null {
  const turn = Buffer.from(cursor, 'base64url').toString();
  return TURN.test(turn) && cursorOf(turn) === cursor ? turn : null;
}

/** There are as many open stages as digits at most. */
function stageDigit(stage: Exclude<PipelineStage, 'done'>): number {
  return STAGES.indexOf(stage);
}
