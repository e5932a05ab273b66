import { readTaskEvent } from '../../application/read-events';
import type { EventStore, StoredEvent } from '../../application/ports/event-store';
import { TASK_STREAM_PREFIX, taskIn } from '../../domain/ids';
import { eventWords } from '../../projections/task/event-words';
import type { Output } from '../output';
import { dim } from '../styled';

interface Narrator {
  /** Prints what there is and gives all events. */
  readonly catchUp: () => Promise<readonly StoredEvent[]>;
  readonly stop: () => Promise<void>;
}

/** Prints every task's events as they come. */
export function narrate(store: EventStore, output: Output): Narrator {
  const prefixes = [TASK_STREAM_PREFIX];
  const over = new AbortController();
  const shown = new Set<string>();
  const show = (event: StoredEvent) => {
    if (shown.has(event.id)) return;
    shown.add(event.id);
    print(event, output);
  };
  const onPage = (events: readonly StoredEvent[]) => {
    events.forEach(show);
  };
  const { done } = store.subscribe({ after: 'start', prefixes, onPage, signal: over.signal });
  const stop = () => {
    over.abort();
    return done;
  };
  return {
    stop,
    catchUp: async () => {
      const { events } = await store.readAll({ prefixes, limit: 100_000 });
      events.forEach(show);
      return events;
    },
  };
}

function print(event: StoredEvent, output: Output): void {
  const { stream, revision, type, data, recordedAt } = event;
  const task = taskIn(stream);
  if (output.isJson) {
    output.json({ event: { task, revision, type, at: recordedAt.toISOString(), data } });
    return;
  }
  const words = eventWords(readTaskEvent(event));
  output.line(dim(recordedAt.toISOString().slice(11, 23)), ` ${task.padEnd(20)} ${words}`);
}
