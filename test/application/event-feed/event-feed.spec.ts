import { EventFeed, type FeedPage } from '../../../src/application/event-feed/event-feed';
import { EVERY_EVENT, type EventFilter } from '../../../src/application/event-feed/event-filter';
import { LogIdentity } from '../../../src/application/log-identity';
import { comparePositions } from '../../../src/application/position';
import type { EventStore, Position } from '../../../src/application/ports/event-store';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';
import { SystemClock } from '../../../src/infrastructure/system/system-clock';
import type { EventStoreAdapter } from '../../contract/support/adapter';
import { eventStoreDbPeerAdapter } from '../../contract/support/eventstoredb-adapter';
import { postgresAdapter } from '../../contract/support/postgres-adapter';
import { SQLITE } from '../../contract/support/sqlite-adapter';
import { numberOf, SwitchEvents } from '../../support/switch-events';

const START: Position = { commit: 0n, prepare: 0n };

function feedOf(store: EventStore): EventFeed {
  return new EventFeed({
    store,
    clock: new SystemClock(),
    log: new LogIdentity(store),
    damageOf: () => null,
    nearEnd: () => Promise.resolve('start'),
  });
}

/** Follows as a reader does, until so many have come. */
async function collect(feed: EventFeed, from: Position, filter: EventFilter, count: number): Promise<number[]> {
  const seen: number[] = [];
  let at = from;
  const signal = new AbortController().signal;
  const add = ({ events, next }: Pick<FeedPage, 'events' | 'next'>) => {
    for (const event of events) {
      if (filter.projects && !filter.projects.includes(event.project)) continue;
      expect(comparePositions(event.position, at)).toBe(1);
      at = event.position;
      seen.push(numberOf(event.json));
    }
    at = next;
  };
  await feed.follow(async (tail) => {
    while (seen.length < count) {
      const { seen: grown } = tail;
      const known = tail.after(at);
      if (known) {
        add(known);
        if (seen.length < count) await tail.grown(grown, signal);
      } else await feed.read(at, filter, 50, add);
    }
  });
  return seen;
}

jest.setTimeout(60_000);

const MEMORY: Pick<EventStoreAdapter, 'create'> = {
  create: async () => {
    const only = new MemoryEventStore();
    return { open: async () => only, target: null, remove: async () => undefined };
  },
};

describe.each([
  ['memory', () => MEMORY],
  ['SQLite', () => SQLITE],
  ['PostgreSQL', postgresAdapter],
  ['EventStoreDB', () => eventStoreDbPeerAdapter()],
] as const)('on %s', (name, adapterOf) => {
  const adapter = adapterOf();
  let target: Awaited<ReturnType<EventStoreAdapter['create']>>;
  let store: EventStore;
  let feed: EventFeed;
  let log: SwitchEvents;
  beforeEach(async () => {
    target = await adapter.create();
    store = await target.open();
    feed = feedOf(store);
    log = new SwitchEvents(store);
  });
  afterEach(async () => {
    await feed.stop();
    await store.close();
    await target.remove();
  });

  it('readers from anywhere get each event once and in order while it is appended to', async () => {
    for (let turn = 0; turn < 40; turn += 1) await log.append('web', 20);
    const whole = collect(feed, START, EVERY_EVENT, 2_000);
    const late = collect(feed, await feed.end(), EVERY_EVENT, 1_200);
    for (let turn = 0; turn < 60; turn += 1) {
      await log.append('web', 20);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
    expect(await whole).toEqual(numbers(1, 2_000));
    expect(await late).toEqual(numbers(801, 2_000));
  });

  it('what the tail has dropped is read from the log', async () => {
    let first: readonly number[] = [];
    await feed.follow(async (tail) => {
      const from = await feed.end();
      for (let turn = 0; turn < 50; turn += 1) await log.append('web', 100);
      while (tail.after(from)) await new Promise((resolve) => setTimeout(resolve, 10));
      first = await feed.read(from, EVERY_EVENT, 3, ({ events }) => events.map(({ json }) => numberOf(json)));
    });
    expect(first).toEqual([1, 2, 3]);
  });

  it('a project whose name begins another one is not taken for it', async () => {
    await log.append('web');
    await log.append('web2');
    await log.append('web');
    const filter = { ...EVERY_EVENT, projects: ['web'] };
    const seen = await feed.read(START, filter, 100, ({ events }) => events.map(({ json }) => numberOf(json)));
    expect(seen).toEqual([1, 3]);
  });

  it('knows what it holds', async () => {
    await log.append('web', 3);
    const end = await feed.end();
    expect(await feed.holds(end)).toBe(true);
    expect(await feed.holds(START)).toBe(true);
    expect(await feed.holds({ commit: end.commit + 1n, prepare: end.commit + 1n })).toBe(false);
    // On this store the two may differ.
    if (name !== 'EventStoreDB') expect(await feed.holds({ commit: end.commit, prepare: 0n })).toBe(false);
    await log.append('web');
    expect(comparePositions(await feed.end(), end)).toBe(1);
  });
});
