import { isFinal, STAGES, type PipelineStage } from '../../domain/task/pipeline';
import { PRIORITIES } from '../../domain/task/priority';
import type { SubmittedTask } from '../../domain/task/task.state';

/** Every turn begins with a digit. */
const BEFORE_TURNS = '';
const BEHIND_TURNS = ':';
/** Rank, urgency, an instant and a task's id; neither of the last two has characters of any other kind. */
const PLACE = /^(0|[1-9]\d{0,2}) (\d [0-9TZ:.-]+ [A-Za-z0-9._-]+)$/;

/** A task's place in the queue: stages in their order, then turns in that of their text. */
export interface QueuePlace {
  readonly stageRank: number;
  /** At one stage the most urgent first, then the one that has been there longest, then by id. */
  readonly turn: string;
}

/** @returns null when the task is at its end. */
export function placeOf({ stage, priority, stageSince, id }: SubmittedTask): QueuePlace | null {
  if (isFinal(stage)) return null;
  const { lowest, highest } = PRIORITIES;
  const urgency = highest - Math.max(lowest, Math.min(priority, highest));
  return { stageRank: rankOf(stage), turn: `${urgency} ${stageSince} ${id}` };
}

export function rankOf(stage: PipelineStage): number {
  return STAGES.indexOf(stage);
}

/** What is less than every turn that a stage has behind a place; null for the beginning of the queue. */
export function turnBefore(stageRank: number, after: QueuePlace | null): string {
  if (after === null || after.stageRank < stageRank) return BEFORE_TURNS;
  return after.stageRank === stageRank ? after.turn : BEHIND_TURNS;
}

/** A place as the cursor of a page has it. */
export function placeText({ stageRank, turn }: QueuePlace): string {
  return `${stageRank} ${turn}`;
}

/** @returns null for what no page has named, or only one of an older version. */
export function readPlace(text: string): QueuePlace | null {
  const [, rank, turn] = PLACE.exec(text) ?? [];
  return rank === undefined || turn === undefined ? null : { stageRank: Number(rank), turn };
}
