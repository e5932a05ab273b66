import { intakeGate } from '../../gates/intake.gate';
import { parseTaskId } from '../../ids';
import { accept, nothing, reject, type Decision } from './decision';
import { draftOf } from './draft';
import { submitted } from '../changes/first-state';
import { A_PRIORITY, isPriority } from '../priority';
import { settle } from '../settle';
import type { DecisionContext, TaskCommandData } from '../task.commands';
import type { TaskEventOf } from '../task.events';
import type { Task } from '../task.state';

/** A new task: recorded, and taken through its intake gate at once, which may reject it. */
export function submit(task: Task, data: TaskCommandData['SubmitTask'], context: DecisionContext): Decision {
  if (task.kind === 'submitted') {
    const same = task.branch === data.branch && task.title === data.title && task.startStage === data.startStage;
    const isRejected = task.stage === 'rejected';
    const what = isRejected ? 'was rejected; submit it under another id' : `exists, for branch ${task.branch}`;
    // What it was rejected for may be in force no more: saying it again would lead nobody on.
    const isTakenNow = isRejected && intakeGate.evaluate(task, context.policy).kind === 'pass';
    return same && !isTakenNow ? nothing() : reject('already-submitted', `task ${task.id} ${what}`);
  }
  if (parseTaskId(data.taskId)?.project !== data.project) {
    return reject('invalid-task-id', `expected ${data.project}.<task>, saw ${JSON.stringify(data.taskId)}`);
  }
  if (!isPriority(data.priority)) return reject('invalid-priority', `expected ${A_PRIORITY}, saw ${data.priority}`);
  const first: TaskEventOf<'TaskSubmitted'> = {
    type: 'TaskSubmitted',
    data: { ...data, submittedBy: context.principal.name },
  };
  const draft = draftOf(submitted(first.data, context.at), context);
  settle(draft);
  return accept([first, ...draft.events]);
}
