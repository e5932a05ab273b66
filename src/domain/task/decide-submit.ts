import { isBranchName, parseTaskId } from '../ids';
import { accept, nothing, reject, type Decision } from './decision';
import { draftOf } from './draft';
import { evolve } from './evolve';
import { settle } from './settle';
import type { DecisionContext, TaskCommandData } from './task.commands';
import type { TaskEvent } from './task.events';
import { initialTask, type Task } from './task.state';

export const PRIORITY_RANGE = { lowest: 0, highest: 9 } as const;

/** A new task: recorded, and taken through its intake gate at once. */
export function submit(task: Task, data: TaskCommandData['SubmitTask'], context: DecisionContext): Decision {
  if (task.kind === 'submitted') {
    const same = task.branch === data.branch && task.title === data.title && task.startStage === data.startStage;
    return same ? nothing() : reject('already-submitted', `task ${task.id} exists, for branch ${task.branch}`);
  }
  if (!parseTaskId(data.taskId)) return reject('invalid-task-id', `expected <project>.<task>, saw ${data.taskId}`);
  if (!isBranchName(data.branch)) {
    return reject('invalid-branch', `expected a plain branch name, saw ${JSON.stringify(data.branch)}`);
  }
  const { lowest, highest } = PRIORITY_RANGE;
  if (!Number.isInteger(data.priority) || data.priority < lowest || data.priority > highest) {
    return reject('invalid-priority', `expected a whole number from ${lowest} to ${highest}, saw ${data.priority}`);
  }
  if (!context.policy.entryStages.includes(data.startStage)) {
    const allowed = context.policy.entryStages.join(', ');
    return reject(
      'stage-not-an-entry',
      `${data.startStage} is not an entry stage of ${data.project} (allowed: ${allowed})`,
    );
  }
  const first: TaskEvent = { type: 'TaskSubmitted', data: { ...data, submittedBy: context.actor } };
  const created = evolve(initialTask(), first, { at: context.at, policyDigest: context.policyDigest });
  if (created.kind !== 'submitted') throw new Error('TaskSubmitted did not create a task');
  const draft = draftOf(created, context);
  settle(draft);
  return accept([first, ...draft.events]);
}
