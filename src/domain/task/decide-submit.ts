import { isBranchName, parseTaskId } from '../ids';
import type { ProjectPolicy } from '../policy/project-policy';
import { accept, nothing, reject, type Decision } from './decision';
import { draftOf } from './draft';
import { submitted } from './first-state';
import { mayEnterAt, rowOf, stageOf, stagesBetween, type GateName, type PipelineStage } from './pipeline';
import { A_PRIORITY, isPriority } from './priority';
import { settle } from './settle';
import type { DecisionContext, TaskCommandData } from './task.commands';
import type { TaskEventOf } from './task.events';
import type { Task } from './task.state';

/** A new task: recorded, and taken through its intake gate at once. */
export function submit(task: Task, data: TaskCommandData['SubmitTask'], context: DecisionContext): Decision {
  if (task.kind === 'submitted') {
    const same = task.branch === data.branch && task.title === data.title && task.startStage === data.startStage;
    return same ? nothing() : reject('already-submitted', `task ${task.id} exists, for branch ${task.branch}`);
  }
  if (parseTaskId(data.taskId)?.project !== data.project) {
    return reject('invalid-task-id', `expected ${data.project}.<task>, saw ${JSON.stringify(data.taskId)}`);
  }
  if (!isBranchName(data.branch)) {
    return reject('invalid-branch', `expected a plain branch name, saw ${JSON.stringify(data.branch)}`);
  }
  if (!isPriority(data.priority)) return reject('invalid-priority', `expected ${A_PRIORITY}, saw ${data.priority}`);
  const entries = context.policy.entryStages.filter(mayEnterAt);
  if (!entries.includes(data.startStage)) {
    const allowed = entries.join(', ');
    return reject(
      'stage-not-an-entry',
      `${data.startStage} is not an entry stage of ${data.project} (allowed: ${allowed})`,
    );
  }
  const skipped = skippedRequired(data.startStage, context.policy);
  if (skipped) {
    return reject(
      'stage-not-an-entry',
      `${data.startStage} skips gate ${skipped}, which requiredGates of ${data.project} names: ` +
        `enter at ${stageOf(skipped)} or before it, or take the gate out of requiredGates`,
    );
  }
  const first: TaskEventOf<'TaskSubmitted'> = {
    type: 'TaskSubmitted',
    data: { ...data, submittedBy: context.principal.name },
  };
  const draft = draftOf(submitted(first.data, context.at), context);
  settle(draft);
  return accept([first, ...draft.events]);
}

/** A required gate that a task entering there would never be asked: it could not land. */
function skippedRequired(startStage: PipelineStage, { requiredGates }: ProjectPolicy): GateName | undefined {
  return stagesBetween('created', startStage)
    .flatMap((stage) => rowOf(stage).gates)
    .find((gate) => requiredGates.includes(gate));
}
