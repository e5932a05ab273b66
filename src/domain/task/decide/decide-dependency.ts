import { openDependencies } from '../dependencies';
import { hold } from '../settle';
import type { TaskCommandData } from '../task.commands';
import type { Draft } from './draft';
import { accept, nothing, type Decision } from './decision';

/** A task that this one waits for has come to its end. One that will never land is for a person: does this one still make sense? */
export function endDependency(draft: Draft, { taskId, end }: TaskCommandData['EndDependency']): Decision {
  const { task } = draft;
  // Held, it waits for its release anyway, and then it is looked at again.
  if (!openDependencies(task).includes(taskId) || task.hold) return nothing();
  draft.add({ type: 'DependencyEnded', data: { taskId, end } });
  if (end !== 'landed') hold(draft, 'dependency', `${taskId}, which has to land first, was ${end}`);
  return accept(draft.events);
}
