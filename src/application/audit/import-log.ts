import { appendReliably } from '../reliable-append';
import type { Clock } from '../ports/clock';
import type { EventStore } from '../ports/event-store';
import type { Ids } from '../ports/ids';
import { compareLog } from './compare-log';
import { eventLine, type MovableEvent, type MovableLog } from './event-line';
import { LogRefused } from './log-refused';

/** Well below what every store takes in one append, as long as it takes the largest event alone. */
const BATCH_EVENTS = 100;
const BATCH_CHARACTERS = 256 * 1024;

export interface Imported {
  readonly events: number;
  /** Of these, how many the store held before. */
  readonly held: number;
}

interface Deps {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Brings a log into a store that is empty, or that an earlier call was interrupted in. Nothing is stored before the whole
 * log has been read and checked; afterwards the store is read and compared with it.
 *
 * One append after the other: only so the global order is kept on every store.
 *
 * @param log checks itself as it is read.
 * @param begin is told, before the first append, how many events the store is to hold in the end.
 * @throws LogRefused when the store holds something else, or somebody else writes to it; EventTooLarge when the store has a limit
 *   below one of the events; whatever the log and store throw.
 */
export async function importLog(
  deps: Deps,
  log: MovableLog,
  begin: (events: number) => Promise<void> | void,
): Promise<Imported> {
  const { total, held } = await compareLog(deps.store, () => taken(deps.store, log()));
  if (held < total) {
    await begin(total);
    for await (const batch of batches(after(log(), held))) await appendBatch(deps, batch);
    if ((await compareLog(deps.store, log)).held < total) throw somebodyWrites('fewer events than were stored');
  }
  return { events: total, held };
}

/** Each event, when the store is known to take it. */
async function* taken(store: EventStore, log: AsyncIterable<MovableEvent>): AsyncGenerator<MovableEvent> {
  for await (const event of log) {
    await store.mustTake([event]);
    yield event;
  }
}

async function* after(log: AsyncIterable<MovableEvent>, count: number): AsyncGenerator<MovableEvent> {
  let passed = 0;
  for await (const event of log) {
    if (passed >= count) yield event;
    passed += 1;
  }
}

/** Neighbours of one stream are one append. */
async function* batches(log: AsyncIterable<MovableEvent>): AsyncGenerator<readonly MovableEvent[]> {
  let batch: MovableEvent[] = [];
  let characters = 0;
  for await (const event of log) {
    const { length } = eventLine(event);
    const isFull = batch.length === BATCH_EVENTS || characters + length > BATCH_CHARACTERS;
    if (batch.length > 0 && (isFull || batch[0]?.stream !== event.stream)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(event);
    characters += length;
  }
  if (batch.length > 0) yield batch;
}

async function appendBatch(deps: Deps, batch: readonly MovableEvent[]): Promise<void> {
  const [first] = batch;
  if (!first) return;
  const { stream, revision } = first;
  const events = batch.map(({ id, type, data, meta }) => ({ id, type, data, meta }));
  const { kind } = await appendReliably(deps, stream, revision === 0n ? 'no-stream' : revision - 1n, events, {
    isImport: true,
  });
  if (kind === 'conflict') throw somebodyWrites(`${stream} at another revision than ${revision} is to follow`);
}

function somebodyWrites(seen: string): LogRefused {
  return new LogRefused(
    `event store: expected nobody else to write to it, saw ${seen}; stop every service on it and import into an empty one`,
  );
}
