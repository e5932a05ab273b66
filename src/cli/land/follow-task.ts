import { readTaskEvent } from '../../application/read-events';
import type { EventStore, StoredEvent } from '../../application/ports/event-store';
import { taskStream, type TaskId } from '../../domain/ids';
import { instant } from '../../domain/instant';
import { evolve } from '../../domain/task/evolve';
import { initialTask } from '../../domain/task/task.state';
import { eventWords } from '../../projections/task/event-words';
import type { Output } from '../output';
import { dim } from '../styled';
import type { Progress } from './progress';

/** Prints a task's events as they come, and between them what is under way. `finish` prints what is still missing and gives them all. */
export function followTask(
  store: EventStore,
  id: TaskId,
  { output, progress }: { readonly output: Output; readonly progress: Progress },
): { readonly finish: () => Promise<readonly StoredEvent[]> } {
  const stream = taskStream(id);
  const stop = new AbortController();
  let shown = -1n;
  let task = initialTask();
  const show = (event: StoredEvent) => {
    if (event.stream !== stream || event.revision <= shown) return;
    shown = event.revision;
    print(event, output);
    task = evolve(task, readTaskEvent(event), { at: instant(event.recordedAt.getTime()), policyDigest: null });
    progress.at(task.kind === 'submitted' ? task.claim : null);
  };
  const onPage = (events: readonly StoredEvent[]) => {
    events.forEach(show);
  };
  const { done } = store.subscribe({ after: 'start', prefixes: [stream], onPage, signal: stop.signal });
  return {
    finish: async () => {
      progress.stop();
      stop.abort();
      await done;
      const events = await store.readStream(stream, { limit: 100_000 });
      events.forEach(show);
      return events;
    },
  };
}

function print(event: StoredEvent, output: Output): void {
  const { type, data, revision, recordedAt } = event;
  if (output.isJson) {
    output.json({ event: { revision, type, at: recordedAt.toISOString(), data } });
    return;
  }
  const time = recordedAt.toISOString().slice(11, 19);
  const place = `${time} ${String(revision).padStart(3)}`;
  output.note(dim(place), ` ${eventWords(readTaskEvent(event))}`);
}
