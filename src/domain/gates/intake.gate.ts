import { A_BRANCH_NAME, isBranchName } from '../ids';
import type { ProjectPolicy } from '../policy/project-policy';
import { mayEnterAt, rowOf, stageOf, stagesBetween, type GateName, type PipelineStage } from '../task/pipeline';
import type { SubmittedTask } from '../task/task.state';
import { fail, pass, type Gate } from './gate';

/** Whether the project takes a task that is one: by its branch's name, and by the stage where it wants to enter. */
export const intakeGate: Gate = {
  name: 'intake',
  version: 2,
  evaluate: (task, policy) => {
    const { branch, startStage } = task;
    const against = objection(task, policy);
    return against === null ? pass({ branch, startStage }) : fail(against, { branch, startStage });
  },
};

function objection({ branch, startStage, project }: SubmittedTask, policy: ProjectPolicy): string | null {
  if (!isBranchName(branch)) return `branch: expected ${A_BRANCH_NAME}, saw ${JSON.stringify(branch)}`;
  const entries = policy.entryStages.filter(mayEnterAt);
  if (!entries.includes(startStage))
    return `${startStage} is not an entry stage of ${project} (allowed: ${entries.join(', ')})`;
  const skipped = skippedRequired(startStage, policy);
  if (!skipped) return null;
  return (
    `${startStage} skips gate ${skipped}, which requiredGates of ${project} names: ` +
    `enter at ${stageOf(skipped)} or before it, or take the gate out of requiredGates`
  );
}

/** A required gate that a task entering there would never be asked: it could not land. */
function skippedRequired(startStage: PipelineStage, { requiredGates }: ProjectPolicy): GateName | undefined {
  return stagesBetween('created', startStage)
    .flatMap((stage) => rowOf(stage).gates)
    .find((gate) => requiredGates.includes(gate));
}
