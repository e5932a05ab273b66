import type { Core } from '../../compose/core';
import type { ContextOf } from '../../application/execute-task';
import { isFinal } from '../../domain/task/pipeline';
import { PRIORITIES } from '../../domain/task/priority';
import type { SubmittedTask } from '../../domain/task/task.state';
import { taskIdOf, taskKeyOf, type Oid, type TaskId } from '../../domain/ids';
import { UserError } from '../user-error';

/** How often one head may be landed anew; nobody gets here by accident. */
const MOST_TRIES = 1_000;

/**
 * Finds the task that a `land` of this branch at this head goes on with, or makes one. What was begun and is not decided
 * is resumed; what was decided (landed, sent back, cancelled) is left alone and a new task begins.
 */
export async function findOrSubmit(
  core: Core,
  given: { project: string; branch: string; headOid: Oid; contextOf: ContextOf },
): Promise<{ readonly id: TaskId; readonly isResumed: boolean }> {
  const { project, branch, headOid, contextOf } = given;
  for (let count = 1; count < MOST_TRIES; count += 1) {
    const id = taskIdOf(project, taskKeyOf(branch, headOid, count));
    const { state: task } = await core.tasks.load(id);
    if (task.kind === 'unknown') {
      await submit(core, { id, project, branch, headOid, contextOf });
      return { id, isResumed: false };
    }
    // Branches of different names may come to one key.
    if (task.branch !== branch || isDecided(task, headOid)) continue;
    if (task.hold) await release(core, id, contextOf);
    return { id, isResumed: true };
  }
  throw new UserError(
    `${branch}: expected fewer than ${MOST_TRIES} tasks for one head; remove the state folder to start anew`,
  );
}

function isDecided(task: SubmittedTask, headOid: Oid): boolean {
  return isFinal(task.stage) || task.stage === 'development' || task.headOid !== headOid;
}

async function submit(
  core: Core,
  {
    id,
    project,
    branch,
    headOid,
    contextOf,
  }: { id: TaskId; project: string; branch: string; headOid: Oid; contextOf: ContextOf },
): Promise<void> {
  const data = {
    taskId: id,
    project,
    title: `land ${branch}`,
    branch,
    headOid,
    startStage: 'deploy-staging',
    priority: PRIORITIES.usual,
  } as const;
  const done = await core.executor.execute(id, { type: 'SubmitTask', data }, contextOf, { commandId: `submit:${id}` });
  if (done.kind === 'rejected') throw new UserError(`${branch}: ${done.detail}`);
}

async function release(core: Core, id: TaskId, contextOf: ContextOf): Promise<void> {
  const data = { reason: 'land was run again' };
  await core.executor.execute(id, { type: 'ReleaseTask', data }, contextOf, {
    commandId: `release:${core.ids.uuid()}`,
  });
}
