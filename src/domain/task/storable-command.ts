import { storable } from '../storable';
import type { TaskCommand } from './task.commands';

/**
 * A command as every store takes it. Its texts are bounded, all but one: a description is left as it is, because the decider keeps
 * it whole or refuses it.
 */
export function storableCommand(given: TaskCommand): TaskCommand {
  const command = storable(given);
  if (given.type !== 'SubmitTask' || given.data.description === undefined) return command;
  const { data } = command as typeof given;
  return { type: 'SubmitTask', data: { ...data, description: given.data.description } };
}
