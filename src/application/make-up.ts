import { taskStream } from '../domain/ids';
import type { TaskEvent } from '../domain/task/task.events';
import type { SubmittedTask } from '../domain/task/task.state';
import type { EventStore } from './ports/event-store';
import type { Owed, OwedReactions } from './ports/owed-reactions';
import type { Reactions } from './reactions';
import { readTaskEvent } from './read-events';
import type { TaskLog } from './task-log';

export interface MakeUpDeps {
  readonly store: EventStore;
  readonly log: TaskLog;
  readonly owed: OwedReactions;
  readonly reactions: Reactions;
}

/** Does what processes that are gone have left undone: they ended between an append and what it asks for. */
export async function makeUp(deps: MakeUpDeps): Promise<void> {
  for (const owed of await deps.owed.left()) await makeUpFor(deps, owed);
}

async function makeUpFor({ store, log, reactions }: MakeUpDeps, owed: Owed): Promise<void> {
  const { task: id, from, ids } = owed;
  const stored = await store.readStream(taskStream(id), { from, limit: ids.length });
  const isStored = stored.length === ids.length && stored.every((event, index) => event.id === ids[index]);
  const { state: task } = await log.load(id);
  const events = stored.map(readTaskEvent).filter((event) => event.type !== 'Unreadable');
  // Of one that cannot be relied on nothing is said but that.
  if (!isStored || task.kind === 'unknown' || task.damage) reactions.onRefused(owed);
  else {
    const due = events.filter((event) => isLatest(task, event));
    reactions.onAppended(task, due, owed);
  }
}

/** The task may have gone on meanwhile, and a newer artifact stand where this one would be put. */
function isLatest({ artifacts }: SubmittedTask, event: TaskEvent): boolean {
  if (event.type !== 'VerdictRecorded' || !event.data.artifact) return true;
  const { name, digest } = event.data.artifact;
  return artifacts[name]?.at(-1) === digest;
}
