import { status } from '@grpc/grpc-js';
import { OutcomeUnknown, RevisionConflict, StoreUnavailable } from '../../../src/application/ports/event-store';
import { EventStoreDbEventStore } from '../../../src/infrastructure/event-stores/eventstoredb/eventstoredb-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { event, events, idsOf, stream } from '../../contract/support/events';
import { EventStorePeer } from '../../support/eventstore-peer/peer';
import { QuietLogger } from '../../support/quiet-logger';

jest.setTimeout(60_000);

const PATIENCE = { appendMs: 20_000, readMs: 2_000 };
const FOREVER = 1_000_000;
const ABORTED = { code: status.ABORTED, details: 'Operation timed out: Commit phase timeout.', trailers: {} };

let peer: EventStorePeer;
let store: EventStoreDbEventStore;

beforeAll(async () => {
  peer = await EventStorePeer.start();
});
afterAll(() => peer.stop());
beforeEach(() => {
  store = new EventStoreDbEventStore(peer.url, new Reachability(new QuietLogger()), PATIENCE);
});
afterEach(async () => {
  await store.close();
  const { violations } = await peer.order('report');
  await peer.order('clear');
  expect(violations).toEqual([]);
});

test.each([
  ['stored all the same', { abortedButStored: 2 }],
  ['not stored', { abortedUnstored: 2 }],
  ['stored at the second try', { abortedUnstored: 1, abortedButStored: 1 }],
])('an append that the server gives up, and that is %s, is sent again and stored once', async (_what, faults) => {
  const name = stream();
  const list = events(3);
  await peer.order('misbehave', faults);
  expect(await store.append(name, 'no-stream', list)).toMatchObject({ revision: 2n });
  expect(await peer.order('stored', name)).toEqual(idsOf(list));
  expect((await peer.order('report')).appends).toBe(3);
});

test('one that is given up each time has an unknown outcome when the time is over', async () => {
  await peer.order('misbehave', { abortedUnstored: FOREVER });
  const append = store.append(stream(), 'no-stream', [event()], { timeoutMs: 2_000 });
  await expect(append).rejects.toThrow(OutcomeUnknown);
  await expect(append).rejects.toThrow(/saw 10 ABORTED: .*Commit phase timeout; the append may be stored/);
});

test('a connection on which the server has answered is kept when the rest of the time brings no answer', async () => {
  const name = stream();
  const list = [event()];
  await peer.order('misbehave', { abortedUnstored: 1, muteAppends: 1 });
  await expect(store.append(name, 'no-stream', list, { timeoutMs: 3_000 })).rejects.toThrow(/saw 10 ABORTED/);
  expect(await store.append(name, 'no-stream', list)).toMatchObject({ revision: 0n });
  expect((await peer.order('report')).connections).toBe(1);
});

test('a caller who gives up is told so between two tries', async () => {
  await peer.order('misbehave', { abortedUnstored: FOREVER });
  const giveUp = new AbortController();
  const append = store.append(stream(), 'no-stream', [event()], { signal: giveUp.signal, timeoutMs: FOREVER });
  while ((await peer.order('report')).appends < 3);
  giveUp.abort();
  await expect(append).rejects.toThrow(OutcomeUnknown);
});

test('somebody who lost to another one is told so at the second try', async () => {
  const name = stream();
  await store.append(name, 'no-stream', [event()]);
  await peer.order('misbehave', { abortedUnstored: 1 });
  await expect(store.append(name, 'no-stream', [event()])).rejects.toThrow(RevisionConflict);
});

test('a read that the server gives up is made again; in the end it is told as away', async () => {
  const name = stream();
  await store.append(name, 'no-stream', [event()]);
  await peer.order('misbehave', { refusedReads: 2, refusal: ABORTED });
  expect(await store.readStream(name, { limit: 9 })).toHaveLength(1);
  await peer.order('misbehave', { refusedReads: 2, refusal: ABORTED });
  expect((await store.readAll({ prefixes: [''], limit: 9 })).events).toHaveLength(1);
  await peer.order('misbehave', { refusedReads: FOREVER, refusal: ABORTED });
  await expect(store.readStream(name, { limit: 9 })).rejects.toThrow(StoreUnavailable);
});

test('a read that meets a node which does not lead is answered by the one that does', async () => {
  const name = stream();
  await store.append(name, 'no-stream', [event()]);
  await peer.order('misbehave', { notLeaderReads: 1 });
  expect(await store.readStream(name, { limit: 9 })).toHaveLength(1);
});

describe('while an append is on its way to the followers', () => {
  let slow: EventStorePeer;
  let stores: readonly EventStoreDbEventStore[];
  beforeAll(async () => {
    slow = await EventStorePeer.start({ replicationMs: 400, commitTimeoutMs: 20 });
  });
  afterAll(() => slow.stop());
  beforeEach(() => {
    stores = [1, 2].map(() => new EventStoreDbEventStore(slow.url, new Reachability(new QuietLogger())));
  });
  afterEach(() => Promise.all(stores.map((one) => one.close())));

  test('the same one is dropped by the server, and answered in the end', async () => {
    const name = stream();
    const list = events(2);
    const all = Array.from({ length: 8 }, (_, index) => stores[index % 2]!.append(name, 'no-stream', list));
    expect((await Promise.all(all)).map(({ revision }) => revision)).toEqual(Array(8).fill(1n));
    expect(await slow.order('stored', name)).toEqual(idsOf(list));
    expect((await slow.order('report')).dropped).toBeGreaterThan(0);
  });

  // The server tells the loser at once, and shows nobody what it lost against before that is replicated.
  test('whoever loses against it can read it when he is told so', async () => {
    const [winner, loser] = stores as [EventStoreDbEventStore, EventStoreDbEventStore];
    const name = stream();
    const won = event();
    const winning = winner.append(name, 'no-stream', [won]);
    while ((await slow.order('stored', name)).length === 0);
    await expect(loser.append(name, 'no-stream', [event()])).rejects.toThrow(RevisionConflict);
    expect(idsOf(await loser.readStream(name, { limit: 9 }))).toEqual([won.id]);
    await winning;
  });
});
