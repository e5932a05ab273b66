import { unreachable } from '../fact';
import type { Instant } from '../instant';
import type { Job } from './job';
import type { NextActor, Step } from './next-step';

/** One word for a board: what kind of standing still or moving this is. */
export type TaskStatus = 'running' | 'ready' | 'waiting' | 'deferred' | 'blocked' | 'held' | 'finished';

/** A step in plain words: where the task stands, why not further, who moves next, since when, until when. */
export interface Explanation {
  readonly status: TaskStatus;
  /** The blocking predicate, for programs; `text` says the same to people. */
  readonly code: string;
  readonly text: string;
  readonly actor: NextActor;
  /** What that actor does, or what happens by itself. */
  readonly next: string;
  readonly since: Instant;
  /** When it goes on by itself at the latest; null when that is not known. */
  readonly until: Instant | null;
  readonly blockedBy: string | null;
}

/** Renders what `nextStep` says; decides nothing by itself. */
export function explain(step: Step): Explanation {
  const { code, text, actor, since, blockedBy } = step.why;
  const explained = { code, text, actor, since, blockedBy, until: null };
  switch (step.kind) {
    case 'run':
      // Free slots are no part of the log: until a worker claims the job, the queue is what the task waits for.
      return {
        ...explained,
        status: 'ready',
        actor: 'queue',
        next: `the next worker with a free slot ${startOf(step.job)}`,
      };
    case 'decide':
      return { ...explained, status: 'waiting', actor: 'queue', next: 'any worker records it and the task goes on' };
    case 'wait':
      return { ...explained, status: waitingStatus(code), until: step.until, next: waitingNext(code) };
    case 'await':
      return { ...explained, status: code.startsWith('held:') ? 'held' : 'blocked', next: awaited(actor, code) };
    case 'finished':
      return { ...explained, status: 'finished', next: 'nothing: the task is at its end' };
    default:
      return unreachable(step);
  }
}

/** One line for a terminal. */
export function explanationLine({ status, text, next, actor, since, until }: Explanation): string {
  const mover = actor === 'nobody' ? '' : `; next to move: ${actor}`;
  const end = until === null ? '' : `, until ${until} at the latest`;
  return `${status} since ${since}${end}: ${text}${mover} (${next})`;
}

function startOf(job: Job): string {
  switch (job.kind) {
    case 'staging-suite':
      return 'runs the staging suite';
    case 'agent':
      return `starts the ${job.role}`;
    case 'merge-gate':
      return 'rebases and re-tests the branch';
    case 'landing':
      return 'lands the branch';
    case 'landing-recovery':
      return 'finds out whether the interrupted landing took place';
    default:
      return unreachable(job);
  }
}

function waitingStatus(code: string): TaskStatus {
  if (code === 'running') return 'running';
  return code === 'deferred' ? 'deferred' : 'waiting';
}

function waitingNext(code: string): string {
  if (code === 'running') return 'its result is recorded, or the claim is taken back when its time is up';
  return code === 'deferred' ? 'it is tried again' : 'it goes on when the lane is free and it is its turn';
}

function awaited(actor: NextActor, code: string): string {
  if (code.startsWith('held:')) return 'a person looks into it and releases, retries or cancels the task';
  return actor === 'outside' ? 'evidence arrives from outside' : 'a person does what is missing, or cancels the task';
}
