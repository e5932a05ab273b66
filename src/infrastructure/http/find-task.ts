import { RequestRefused } from '../../application/refusals';
import type { ProjectionRunner } from '../../projections/following/projection-runner';

/**
 * Read models may be milliseconds late: who has just been told that a task is submitted must not be told that there is none.
 *
 * @throws RequestRefused when there is none.
 */
export async function findTask<T>(
  projector: Pick<ProjectionRunner, 'catchUp'>,
  id: string,
  ask: () => Promise<T | null>,
): Promise<T> {
  const view = await ask();
  if (view !== null) return view;
  await projector.catchUp();
  const now = await ask();
  if (now === null) throw new RequestRefused('unknown', 'unknown-task', `${id}: no such task`);
  return now;
}
