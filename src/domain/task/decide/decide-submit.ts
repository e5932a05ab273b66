import { intakeGate } from '../../gates/intake.gate';
import { parseTaskId } from '../../ids';
import { accept, nothing, reject, type Decision } from './decision';
import { draftOf } from './draft';
import { submitted } from '../changes/first-state';
import { A_DEPENDENCY_LIST, isDependencyList } from '../dependencies';
import { A_PRIORITY, isPriority } from '../priority';
import { settle } from '../settle';
import type { DecisionContext, TaskCommandData } from '../task.commands';
import type { TaskEventOf } from '../task.events';
import type { SubmittedTask, Task } from '../task.state';
import { A_DESCRIPTION, isDescription, sizeOfText } from '../texts';

/** A new task: recorded, and taken through its intake gate at once, which may reject it. */
export function submit(task: Task, data: TaskCommandData['SubmitTask'], context: DecisionContext): Decision {
  if (task.kind === 'submitted') {
    const same = isSame(task, data);
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
  if (data.description !== undefined && !isDescription(data.description)) {
    return reject('invalid-description', `description: expected ${A_DESCRIPTION}, saw ${sizeOfText(data.description)}`);
  }
  const { dependsOn = [] } = data;
  if (!isDependencyList(dependsOn) || dependsOn.includes(data.taskId)) {
    const seen = dependsOn.includes(data.taskId) ? 'the task itself' : dependsOn.join(', ');
    return reject('invalid-dependency', `dependsOn: expected ${A_DEPENDENCY_LIST}, saw ${seen}`);
  }
  const first: TaskEventOf<'TaskSubmitted'> = {
    type: 'TaskSubmitted',
    data: { ...data, submittedBy: context.principal.name },
  };
  const draft = draftOf(submitted(first.data, context.at), context);
  settle(draft);
  return accept([first, ...draft.events]);
}

function isSame(task: SubmittedTask, data: TaskCommandData['SubmitTask']): boolean {
  const { branch, title, startStage, description = null, dependsOn = [] } = data;
  const asked = [...dependsOn].sort().join();
  const known = task.dependsOn.map(({ taskId }) => taskId).sort();
  return (
    asked === known.join() &&
    task.branch === branch &&
    task.title === title &&
    task.startStage === startStage &&
    task.description === description
  );
}
