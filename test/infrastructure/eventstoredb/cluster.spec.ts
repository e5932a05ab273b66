import { OutcomeUnknown, StoreUnavailable } from '../../../src/application/ports/event-store';
import { EventStoreDbEventStore } from '../../../src/infrastructure/event-stores/eventstoredb/eventstoredb-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { event, stream } from '../../contract/support/events';
import { Follower } from '../../contract/support/follower';
import { EventStorePeer } from '../../support/eventstore-peer/peer';
import { QuietLogger } from '../../support/quiet-logger';

jest.setTimeout(60_000);

let nodes: readonly [EventStorePeer, EventStorePeer];
let store: EventStoreDbEventStore;

beforeAll(async () => {
  nodes = [await EventStorePeer.start(), await EventStorePeer.start()];
});
afterAll(() => Promise.all(nodes.map((node) => node.stop())));
beforeEach(() => {
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
  store = new EventStoreDbEventStore(`esdb://${hosts}?tls=false`, new Reachability(new QuietLogger()), {
    appendMs: 20_000,
    readMs: 20_000,
  });
});
afterEach(async () => {
  await store.close();
  for (const node of nodes) {
    const { violations } = await node.order('report');
    expect(violations).toEqual([]);
    await node.order('clear');
  }
});

/** What every node tells of the cluster from now on. The peers share no log: who stored what shows who was asked. */
async function lead(leader: EventStorePeer | null): Promise<void> {
  const members = nodes.map(({ port }) => ({ port, isLeader: port === leader?.port }));
  for (const node of nodes) {
    const notLeader = node === leader ? 0 : 1_000;
    const leaderPort = leader?.port ?? node.port;
    await node.order('misbehave', { members, notLeader, notLeaderReads: notLeader, leaderPort });
    // A node that lost its lead ends what it served as leader.
    if (node !== leader) await node.order('endSubscriptions');
  }
}

test('appends and reads go to the node that leads, whichever was named first', async () => {
  for (const leader of nodes) {
    await lead(leader);
    const name = stream();
    const fresh = new EventStoreDbEventStore(
      `esdb://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}?tls=false`,
      new Reachability(new QuietLogger()),
    );
    await fresh.append(name, 'no-stream', [event()]);
    expect(await fresh.readStream(name, { limit: 1 })).toHaveLength(1);
    await fresh.close();
    expect(await leader.order('stored', name)).toHaveLength(1);
  }
});

test('an append that meets a leader of before goes to the one of now, and is stored once', async () => {
  const [first, second] = nodes;
  await lead(first);
  const before = stream();
  await store.append(before, 'no-stream', [event()]);
  await lead(second);
  const name = stream();
  expect(await store.append(name, 'no-stream', [event()])).toMatchObject({ revision: 0n });
  expect(await first.order('stored', name)).toEqual([]);
  expect(await second.order('stored', name)).toHaveLength(1);
});

test('a subscription goes on at the leader of now, and a read is answered by it at the second try at the latest', async () => {
  const [first, second] = nodes;
  await lead(first);
  const follower = new Follower().follow(store);
  await store.append(stream(), 'no-stream', [event()]);
  await follower.sees(1);
  await lead(second);
  const name = stream();
  // Behind what the first one had: the peers share no log, and a place is where somebody has read to.
  for (let revision = -1n; revision < 3n; revision += 1n)
    await store.append(name, revision < 0n ? 'no-stream' : revision, [event()]);
  await follower.sees(4);
  await store.readStream(name, { limit: 1 }).catch(() => undefined);
  expect(await store.readStream(name, { limit: 9 })).toHaveLength(4);
  await follower.stop();
});

test('a cluster without a leader takes nothing, and says so in time', async () => {
  await lead(null);
  const name = stream();
  await expect(store.append(name, 'no-stream', [event()])).rejects.toThrow(OutcomeUnknown);
  for (const node of nodes) expect(await node.order('stored', name)).toEqual([]);
  await lead(nodes[1]);
  expect(await store.append(name, 'no-stream', [event()])).toMatchObject({ revision: 0n });
});

test('a cluster of which no node answers is told as away, and is found when one of them leads again', async () => {
  await lead(nodes[0]);
  const follower = new Follower().follow(store);
  await Promise.all(nodes.map((node) => node.kill()));
  await expect(store.append(stream(), 'no-stream', [event()])).rejects.toThrow(StoreUnavailable);
  await expect(store.readStream(stream(), { limit: 1 })).rejects.toThrow(StoreUnavailable);
  await nodes[1].restart();
  await store.append(stream(), 'no-stream', [event()]);
  await follower.sees(1);
  await follower.stop();
  await nodes[0].restart();
});
