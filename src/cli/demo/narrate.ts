import { readTaskEvent } from '../../application/read-events';
import type { EventStore, StoredEvent } from '../../application/ports/event-store';
import { TASK_STREAM_PREFIX } from '../../domain/ids';
import { eventWords } from '../../projections/task/event-words';
import type { Output } from '../output';
import { dim } from '../styled';

/** Prints every task's events as they come; `finish` prints the rest and gives them all. */
export function narrate(store: EventStore, output: Output): { readonly finish: () => Promise<readonly StoredEvent[]> } {
  const prefixes = [TASK_STREAM_PREFIX];
  const stop = new AbortController();
  const shown = new Set<string>();
  const show = (event: StoredEvent) => {
    if (shown.has(event.id)) return;
    shown.add(event.id);
    print(event, output);
  };
  const { done } = store.subscribe({ after: 'start', prefixes, onEvent: show, signal: stop.signal });
  return {
    finish: async () => {
      stop.abort();
      await done;
      const { events } = await store.readAll({ prefixes, limit: 100_000 });
      events.forEach(show);
      return events;
    },
  };
}

function print(event: StoredEvent, output: Output): void {
  const { stream, revision, type, data, recordedAt } = event;
  const task = stream.slice(TASK_STREAM_PREFIX.length);
  if (output.isJson) {
    output.json({ event: { task, revision, type, at: recordedAt.toISOString(), data } });
    return;
  }
  const words = eventWords(readTaskEvent(event));
  output.line(dim(recordedAt.toISOString().slice(11, 23)), ` ${task.padEnd(20)} ${words}`);
}
