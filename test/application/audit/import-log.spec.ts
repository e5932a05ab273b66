import { OutcomeUnknown, StoreUnavailable, type EventStore } from '../../../src/application/ports/event-store';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';
import { exported, imported } from '../../contract/event-store/moving.contract';
import { everything } from '../../contract/support/events';
import { ChainedLog } from '../../support/chained-log';

const EVENTS = 60;

let origin: MemoryEventStore;
let log: string;

beforeAll(async () => {
  origin = new MemoryEventStore();
  await new ChainedLog(origin).fill(EVENTS, 4);
  log = await exported(origin);
});

/** A store that does something of its own at each append. */
class TroubledStore extends MemoryEventStore {
  readonly sizes: number[] = [];
  trouble: (nth: number, stored: () => Promise<unknown>) => Promise<void> = async () => undefined;

  override async append(...args: Parameters<EventStore['append']>): ReturnType<EventStore['append']> {
    const [, , events] = args;
    this.sizes.push(events.length);
    await this.trouble(this.sizes.length, () => super.append(...args));
    return super.append(...args);
  }
}

describe('an import that was interrupted', () => {
  test('is completed by the next one, whenever that was', async () => {
    for (const nth of [1, 2, 10, 29]) {
      const store = new TroubledStore();
      store.trouble = async (count) => {
        if (count === nth) throw new Error('killed');
      };
      await expect(imported(log, store)).rejects.toThrow('killed');
      const held = (await everything(store)).length;
      expect(held).toBeLessThan(EVENTS);
      expect(await imported(log, store)).toEqual({ events: EVENTS, held });
      expect(await exported(store)).toBe(log);
    }
  });

  test('is nothing to do again when it was complete', async () => {
    const store = new TroubledStore();
    await imported(log, store);
    const before = store.sizes.length;
    const begin = jest.fn();
    expect(await imported(log, store, begin)).toEqual({ events: EVENTS, held: EVENTS });
    expect(store.sizes).toHaveLength(before);
    expect(begin).not.toHaveBeenCalled();
  });
});

test('an append whose answer was lost is sent again, and stored once', async () => {
  const store = new TroubledStore();
  store.trouble = async (nth, stored) => {
    if (nth === 3) await stored();
    if (nth === 3 || nth === 5) throw new OutcomeUnknown('STORE_OUTCOME_UNKNOWN', 'no answer');
    if (nth === 8) throw new StoreUnavailable('STORE_UNAVAILABLE', 'away');
  };
  await imported(log, store);
  expect(await exported(store)).toBe(log);
});

test('neighbours of one stream are one append, up to a hundred of them', async () => {
  const source = new MemoryEventStore();
  const writer = new ChainedLog(source);
  const many = (count: number, text = 'x') => Array.from({ length: count }, (_, index) => ({ index, text }));
  await writer.append('task-web.a', ...many(90));
  await writer.append('task-web.a', ...many(60));
  await writer.append('task-web.b', ...many(1));
  await writer.append('task-web.a', ...many(5, 'x'.repeat(200_000)));
  await writer.append('task-web.a', ...many(1, 'x'.repeat(1_000_000)));
  const store = new TroubledStore();
  await imported(await exported(source), store);
  // Together two of the large ones may be more than a server takes.
  expect(store.sizes).toEqual([100, 50, 1, 1, 1, 1, 1, 1, 1]);
});

test('two imports of one log at once leave it once', async () => {
  const store = new MemoryEventStore();
  await Promise.all([imported(log, store), imported(log, store)]);
  expect(await exported(store)).toBe(log);
});

describe('nothing is stored', () => {
  const refused = async (text: string, store: TroubledStore, says: RegExp) => {
    const before = await exported(store);
    store.sizes.length = 0;
    const begin = jest.fn();
    await expect(imported(text, store, begin)).rejects.toThrow(says);
    expect(store.sizes).toEqual([]);
    expect(begin).not.toHaveBeenCalled();
    expect(await exported(store)).toBe(before);
  };

  test('of a log that is broken at its very end', async () => {
    const cut = log.slice(0, log.lastIndexOf('{"stagegate"'));
    await refused(cut, new TroubledStore(), /it was cut/);
  });

  test('in a store that begins with another log', async () => {
    const store = new TroubledStore();
    await new ChainedLog(store, 'other').append('task-web.t0', { other: true });
    const says =
      /^event store: expected it to be empty or to hold the beginning of this log: event 1 to be .*\(task-web\.t0 0\); saw another event .*; choose an empty one$/;
    await refused(log, store, says);
  });

  test('in a store that went on by itself', async () => {
    const store = new TroubledStore();
    const writer = new ChainedLog(store);
    await writer.fill(30, 4);
    await writer.append('lane-web', { other: true });
    await refused(log, store, /event 31 to be .*; saw TaskAnnotated \(lane-web 0\)/);
  });

  test('in a store that holds more than the log', async () => {
    const store = new TroubledStore();
    await new ChainedLog(store).fill(EVENTS + 1, 4);
    await refused(log, store, /as many events as the log, 60; saw more, the next one being/);
  });
});

describe('somebody else who writes meanwhile is noticed', () => {
  test('in a stream of the log', async () => {
    const store = new TroubledStore();
    store.trouble = async (nth) => {
      if (nth === 1) await new ChainedLog(store, 'other').append('task-web.t1', { other: true });
    };
    await expect(imported(log, store)).rejects.toThrow(/expected nobody else to write to it, saw task-web\.t1 at/);
  });

  test('in a stream of its own', async () => {
    const store = new TroubledStore();
    let isDone = false;
    store.trouble = async (nth) => {
      if (nth !== 4 || isDone) return;
      isDone = true;
      await new ChainedLog(store, 'other').append('lane-web', { other: true });
    };
    await expect(imported(log, store)).rejects.toThrow(/saw TaskAnnotated \(lane-web 0\); choose an empty one/);
  });
});
