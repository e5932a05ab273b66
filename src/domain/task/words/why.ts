import { unreachable } from '../../fact';
import type { Instant } from '../../instant';
import { jobKey, jobOf, whatItDoes, type JobKey } from '../job';
import type { NextActor, Step } from '../next/step';
import { BY_COMMAND, remedyText, type FinishWords } from './remedies';
import type { Failure } from '../task.state';
import { failureLines, oneLine, optional, quotedLines, type LabelledLine } from './why-lines';

/** One word for a board: what kind of standing still or moving this is. */
export const TASK_STATUSES = ['running', 'ready', 'waiting', 'deferred', 'blocked', 'held', 'finished'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

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
  /** What failed, for programs; null where nothing did. */
  readonly failure: ExplainedFailure | null;
  /** What a person does about it; null where none has to. */
  readonly do: string | null;
  /** The work that an outside worker may take; absent where there is none. */
  readonly offer?: JobKey;
}

export type ExplainedFailure = Omit<Failure, 'job'> & { readonly job: JobKey };

/** Renders what `nextStep` says; decides nothing by itself. */
export function explain(step: Step, words: FinishWords = BY_COMMAND): Explanation {
  const { code, text, actor, since, blockedBy, failure, remedy } = step.why;
  const told = {
    failure: failure && { ...failure, job: jobKey(failure.job) },
    do: remedy && remedyText(remedy, words),
  };
  const explained = { code, text: oneLine(text), actor, since, blockedBy, until: null, ...told };
  switch (step.kind) {
    case 'run':
      // Free slots are no part of the log: until a worker claims the job, the queue is what the task waits for.
      return {
        ...explained,
        status: 'ready',
        actor: 'queue',
        next: `the next worker with a free slot ${whatItDoes(step.job)}`,
      };
    case 'decide':
      return { ...explained, status: 'waiting', actor: 'queue', next: 'any worker records it and the task goes on' };
    case 'wait':
      return { ...explained, status: waitingStatus(code), until: step.until, next: waitingNext(code) };
    case 'await':
      return {
        ...explained,
        status: code.startsWith('held:') ? 'held' : 'blocked',
        next: awaited(actor, code, step.hasLanded === true),
        ...(step.offer && { offer: jobKey(step.offer) }),
      };
    case 'finished':
      return { ...explained, status: 'finished', next: 'nothing: the task is at its end' };
    default:
      return unreachable(step);
  }
}

/** The same in labelled lines, for a terminal. The only place where an explanation is put into words for people. */
export function explanationLines(explanation: Explanation): readonly LabelledLine[] {
  const { status, text, next, actor, since, until, failure } = explanation;
  const known = failure && { ...failure, job: jobOf(failure.job) };
  return [
    ['status', status],
    ...(known ? failureLines(known) : optional('cause', text)),
    ['since', since],
    ...optional('until', until),
    ['next', actor === 'nobody' ? next : `${actor}: ${next}`],
    ...optional('do', explanation.do),
    ...(known ? quotedLines(known) : []),
  ];
}

function waitingStatus(code: string): TaskStatus {
  if (code === 'running') return 'running';
  return code === 'deferred' ? 'deferred' : 'waiting';
}

function waitingNext(code: string): string {
  if (code === 'monitoring') return 'what was deployed is asked again then';
  if (code === 'lane-paused') return 'it goes on when a run gets through the lane, or a person resumes it';
  if (code === 'dependency') return 'it goes on when that task has landed';
  if (code === 'running') return 'its result is recorded, or the claim is taken back when its time is up';
  return code === 'deferred' ? 'it is tried again' : 'it goes on when the lane is free and it is its turn';
}

function awaited(actor: NextActor, code: string, hasLanded: boolean): string {
  if (code === 'store-corrupt') return 'restore the log, or start the version that wrote it';
  if (code.startsWith('held:'))
    return hasLanded
      ? 'look into it, then release or retry the task; it has landed and cannot be cancelled'
      : 'look into it, then release, retry or cancel the task';
  if (code === 'project-set-aside') return 'put it right, and all tasks of the project go on';
  if (actor === 'outside') return 'evidence arrives from outside';
  return hasLanded ? 'do what is missing' : 'do what is missing, or cancel the task';
}
