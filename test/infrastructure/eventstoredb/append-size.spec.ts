import { status } from '@grpc/grpc-js';
import { importLog } from '../../../src/application/audit/import-log';
import type { MovableEvent } from '../../../src/application/audit/event-line';
import { EventTooLarge } from '../../../src/application/ports/event-store';
import { EventStoreDbEventStore } from '../../../src/infrastructure/event-stores/eventstoredb/eventstoredb-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { CryptoIds } from '../../../src/infrastructure/system/crypto-ids';
import { SystemClock } from '../../../src/infrastructure/system/system-clock';
import { event, everything, stream } from '../../contract/support/events';
import { EventStorePeer } from '../../support/eventstore-peer/peer';
import { QuietLogger } from '../../support/quiet-logger';

jest.setTimeout(60_000);

/** As a server is delivered. */
const DEFAULT = 1_048_576;
const HOW = 'set EVENTSTORE_MAX_APPEND_SIZE=4194304 on its nodes (KURRENTDB_MAX_APPEND_SIZE from 25.0 on)';
const isImport = { isImport: true };

let peer: EventStorePeer;
let store: EventStoreDbEventStore;

beforeAll(async () => {
  peer = await EventStorePeer.start();
});
afterAll(() => peer.stop());
beforeEach(() => {
  store = open(peer);
});
afterEach(async () => {
  await store.close();
  const { violations } = await peer.order('report');
  await peer.order('clear');
  expect(violations).toEqual([]);
});

/** Large appends take their time on a busy machine. */
const PATIENCE = { appendMs: 30_000, readMs: 30_000 };
const open = ({ url }: EventStorePeer) =>
  new EventStoreDbEventStore(url, new Reachability(new QuietLogger()), PATIENCE);
const padded = (characters: number) => event({ data: { pad: 'x'.repeat(characters) } });

test.each([
  ['one event', [DEFAULT - 30]],
  ['the last of a hundred', [...Array<number>(99).fill(10_000), 90_000]],
  ['the second of a hundred, while the rest is under way', [600_000, 600_000, ...Array<number>(98).fill(10_000)]],
])(
  'an append that is too large for the server by %s is refused for good, and the next one goes',
  async (_what, sizes) => {
    const name = stream();
    for (let round = 0; round < 3; round += 1) {
      const append = store.append(name, 'no-stream', sizes.map(padded), isImport);
      await expect(append).rejects.toThrow(EventTooLarge);
      await expect(append).rejects.toThrow(`saw its limit of ${DEFAULT}; ${HOW}`);
    }
    expect(await peer.order('stored', name)).toEqual([]);
    expect(await store.append(name, 'no-stream', [event()])).toMatchObject({ revision: 0n });
  },
);

test('what a service may append at most is below the limit', async () => {
  await expect(store.mayAppend()).resolves.toBeUndefined();
  const name = stream();
  expect(await store.append(name, 'no-stream', [padded(999_000)])).toMatchObject({ revision: 0n });
  expect(await everything(store)).toHaveLength(1);
});

test('a limit of single events is told by its own name', async () => {
  const details = 'Event with Id: x, Size: 9, exceeds Maximum Append Event Size of 8.';
  await peer.order('misbehave', {
    refusedAppends: 1,
    refusal: { code: status.INVALID_ARGUMENT, details, trailers: {} },
  });
  const append = store.append(stream(), 'no-stream', [event()]);
  await expect(append).rejects.toThrow(EventTooLarge);
  await expect(append).rejects.toThrow(/its limit of 8; set EVENTSTORE_MAX_APPEND_EVENT_SIZE=/);
});

test('a server that takes less than a service appends is told at its start, and nothing is stored by asking', async () => {
  const small = await EventStorePeer.start({ maxAppendSize: 65_536 });
  const asking = open(small);
  try {
    await expect(asking.mayAppend()).rejects.toMatchObject({ code: 'STORE_UNSUITABLE' });
    await expect(asking.mayAppend()).rejects.toThrow(/takes an append of 1000000 bytes, saw its limit of 65536; set/);
    expect(await asking.appendLimit()).toBe(65_536);
    expect(await everything(asking)).toEqual([]);
  } finally {
    await asking.close();
    await small.stop();
  }
});

test('the limit is told, and none when it is enough for every import', async () => {
  expect(await store.appendLimit()).toBe(DEFAULT);
  const large = await EventStorePeer.start({ maxAppendSize: 4 * 1024 * 1024 });
  const asking = open(large);
  try {
    expect(await asking.appendLimit()).toBeNull();
  } finally {
    await asking.close();
    await large.stop();
  }
});

test('an import with an event that is too large is refused before anything is stored', async () => {
  const log = [moved(0n, 10), moved(1n, 900_000), moved(2n, DEFAULT - 30)];
  const begun: number[] = [];
  const importing = importLog(deps(), once(log), (events) => {
    begun.push(events);
  });
  await expect(importing).rejects.toThrow(HOW);
  expect(begun).toEqual([]);
  expect(await everything(store)).toEqual([]);
});

test('events that the server takes one by one are not brought to it together', async () => {
  const log = [200_000, 900_000, 200_000, 900_000].map((characters, index) => moved(BigInt(index), characters));
  expect(await importLog(deps(), once(log), () => undefined)).toEqual({ events: 4, held: 0 });
  expect((await everything(store)).map(({ id }) => id)).toEqual(log.map(({ id }) => id));
});

const deps = () => ({ store, clock: new SystemClock(), ids: new CryptoIds() });

function moved(revision: bigint, characters: number): MovableEvent {
  return { ...padded(characters), stream: 'task-web.a', revision };
}

const once = (log: readonly MovableEvent[]) =>
  async function* () {
    yield* log;
  };
