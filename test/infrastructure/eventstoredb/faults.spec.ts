import { setTimeout as delay } from 'node:timers/promises';
import { OutcomeUnknown, StoreBusy, StoreCorrupt, StoreUnavailable } from '../../../src/application/ports/event-store';
import { appendReliably } from '../../../src/application/reliable-append';
import { EventStoreDbEventStore } from '../../../src/infrastructure/event-stores/eventstoredb/eventstoredb-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { CryptoIds } from '../../../src/infrastructure/system/crypto-ids';
import { SystemClock } from '../../../src/infrastructure/system/system-clock';
import { event, events, everything, filled, idsOf, stored, stream } from '../../contract/support/events';
import { Follower } from '../../contract/support/follower';
import { endStoreProcesses, StoreProcess } from '../../contract/support/store-process';
import { until } from '../../contract/support/until';
import { listenMutely } from '../../support/eventstore-peer/listen-mutely';
import { FreezingProxy } from '../../support/eventstore-peer/freezing-proxy';
import { EventStorePeer } from '../../support/eventstore-peer/peer';
import { QuietLogger } from '../../support/quiet-logger';

const PATIENCE = { appendMs: 1_500, readMs: 1_500 };

let peer: EventStorePeer;
let store: EventStoreDbEventStore;
let followers: Follower[] = [];

const open = (url = peer.url) => new EventStoreDbEventStore(url, new Reachability(new QuietLogger()), PATIENCE);
const follow = () => {
  const made = new Follower().follow(store);
  followers.push(made);
  return made;
};
/** This store cannot tell whether it had the events already: then whoever appended believes the stream. */
const APPENDED = { kind: 'appended', isRepeated: true };
const reliably = (name: string, list = [event()]) =>
  appendReliably({ store, clock: new SystemClock(), ids: new CryptoIds() }, name, 'no-stream', list);

beforeAll(async () => {
  peer = await EventStorePeer.start();
}, 60_000);
afterAll(() => peer.stop());
beforeEach(() => {
  store = open();
});
afterEach(async () => {
  await Promise.all(followers.map((one) => one.stop()));
  followers = [];
  await store.close();
  await endStoreProcesses();
  const { violations } = await peer.order('report');
  await peer.order('clear');
  expect(violations).toEqual([]);
});

describe('an append', () => {
  test('that gets no answer is given up in time, and sent again it is stored once (C62)', async () => {
    const name = stream();
    const list = events(2);
    await store.append(stream(), 'no-stream', [event()]);
    await peer.order('misbehave', { muteAppends: 1 });
    await expect(store.append(name, 'no-stream', list, { timeoutMs: 1_000 })).rejects.toThrow(OutcomeUnknown);
    expect(await store.append(name, 'no-stream', list)).toMatchObject({ revision: 1n });
    expect(await peer.order('stored', name)).toEqual(idsOf(list));
  });

  test('whose answer is lost is known when it is sent again (C70)', async () => {
    const name = stream();
    const list = [event()];
    await peer.order('misbehave', { dropReplies: 1 });
    expect(await reliably(name, list)).toEqual(APPENDED);
    expect(await peer.order('stored', name)).toEqual(idsOf(list));
    expect((await peer.order('report')).appends).toBe(2);
  });

  test('that is answered after it was given up leaves no rejection behind, and is stored once (C69)', async () => {
    const name = stream();
    const list = [event()];
    const writer = await StoreProcess.start({ kind: 'eventstoredb', url: peer.url });
    await peer.order('misbehave', { lateReplies: 1, lateMs: 600 });
    await expect(writer.run('append', name, 'no-stream', list, { timeoutMs: 200 })).rejects.toThrow(/OutcomeUnknown/);
    await peer.order('misbehave', { lateReplies: 1, lateMs: 1_000 });
    // Answered after the first one was: an unhandled rejection would have ended the process.
    expect(await writer.run('append', name, 'no-stream', list)).toMatchObject({ revision: 0n });
    expect(await writer.run('append', name, 0n, [event()])).toMatchObject({ revision: 1n });
    expect(await peer.order('stored', name)).toHaveLength(2);
  });

  test('that the server was not ready for has an unknown outcome, and the next one goes (C65)', async () => {
    const name = stream();
    await peer.order('misbehave', { unavailableAppends: 1 });
    await expect(store.append(name, 'no-stream', [event()])).rejects.toThrow(OutcomeUnknown);
    expect(await store.append(name, 'no-stream', [event()])).toMatchObject({ revision: 0n });
  });

  test('that is refused with an error nobody knows has an unknown outcome, and the next one goes', async () => {
    const name = stream();
    await peer.order('misbehave', { unknownAppends: 1, unknownReads: 1 });
    await expect(store.append(name, 'no-stream', [event()])).rejects.toThrow(OutcomeUnknown);
    await expect(store.readStream(name, { limit: 1 })).rejects.toThrow(/saw .*Exception was thrown by handler/);
    expect(await store.append(name, 'no-stream', [event()])).toMatchObject({ revision: 0n });
  });

  // Not even the client's first question is answered, and that one has no limit of its own.
  test('to a server that takes the connection and says nothing is given up, as a read is', async () => {
    const { port, close } = await listenMutely();
    const mute = open(`esdb://127.0.0.1:${port}?tls=false`);
    try {
      await expect(mute.append(stream(), 'no-stream', [event()])).rejects.toThrow(OutcomeUnknown);
      await expect(mute.readStream(stream(), { limit: 1 })).rejects.toThrow(StoreUnavailable);
      await expect(mute.verify()).rejects.toThrow(/saw no answer within 1500 ms/);
    } finally {
      await mute.close();
      close();
    }
  });

  test('that another node has to take is sent there (C66)', async () => {
    const name = stream();
    await peer.order('misbehave', { notLeader: 1 });
    expect(await store.append(name, 'no-stream', [event()])).toMatchObject({ revision: 0n });
    expect((await peer.order('report')).appends).toBe(2);
    await peer.order('misbehave', { notLeader: 2 });
    await expect(store.append(name, 0n, [event()])).rejects.toThrow(OutcomeUnknown);
    expect(await store.append(name, 0n, [event()])).toMatchObject({ revision: 1n });
  });

  test('to a server that is down is known not to be stored, and goes when it is up again (C67)', async () => {
    const name = stream();
    await peer.kill();
    const other = open();
    for (const one of [store, other]) {
      await expect(one.append(name, 'no-stream', [event()])).rejects.toThrow(StoreUnavailable);
      await expect(one.readStream(name, { limit: 1 })).rejects.toThrow(StoreUnavailable);
      await expect(one.verify()).rejects.toThrow(/expected a server that answers, saw .*ECONNREFUSED/);
    }
    await peer.restart();
    expect(await store.append(name, 'no-stream', [event()])).toMatchObject({ revision: 0n });
    expect(await other.append(name, 0n, [event()])).toMatchObject({ revision: 1n });
    await other.close();
  });

  test('is given up by its caller, before and while it is sent', async () => {
    const name = stream();
    await expect(store.append(name, 'no-stream', [event()], { signal: AbortSignal.abort() })).rejects.toThrow(
      StoreBusy,
    );
    expect((await peer.order('report')).appends).toBe(0);
    await peer.order('misbehave', { muteAppends: 1 });
    const giveUp = new AbortController();
    const append = store.append(name, 'no-stream', [event()], { signal: giveUp.signal });
    setTimeout(() => {
      giveUp.abort();
    }, 50);
    await expect(append).rejects.toThrow(/before its caller gave up/);
  });

  test('to a stream that was deleted says so, and is not tried again', async () => {
    await peer.order('misbehave', { streamDeleted: 1 });
    const append = store.append(stream(), 'no-stream', [event()]);
    await expect(append).rejects.toThrow(StoreCorrupt);
    await expect(append).rejects.toThrow(/saw it deleted; restore a backup/);
  });
});

test('50 appends under way when one is given up are each stored once (C71)', async () => {
  const names = Array.from({ length: 50 }, () => stream());
  await peer.order('misbehave', { muteAppends: 1, lateReplies: 20, lateMs: 2_000 });
  expect(await Promise.all(names.map((name) => reliably(name)))).toEqual(Array.from({ length: 50 }, () => APPENDED));
  const lengths = await Promise.all(names.map((name) => peer.order('stored', name)));
  expect(lengths.map((ids) => ids.length)).toEqual(Array.from({ length: 50 }, () => 1));
});

test('a frozen connection is left, and the next append goes by another one (C68)', async () => {
  const proxy = await FreezingProxy.before(peer.port);
  const proxied = open(`esdb://127.0.0.1:${proxy.port}?tls=false`);
  try {
    const name = await filled(proxied, 1);
    await proxied.readStream(name, { limit: 1 });
    expect(proxy.freeze()).toBe(2);
    await expect(proxied.append(name, 0n, [event()])).rejects.toThrow(OutcomeUnknown);
    await expect(proxied.readStream(name, { limit: 1 })).rejects.toThrow(StoreUnavailable);
    expect(await proxied.append(name, 0n, [event()])).toMatchObject({ revision: 1n });
    expect(await proxied.readStream(name, { limit: 9 })).toHaveLength(2);
  } finally {
    await proxied.close();
    await proxy.stop();
  }
});

describe('a read', () => {
  test('that gets no answer is given up in time, and the next one is answered (C64)', async () => {
    const name = await filled(store, 3);
    await peer.order('misbehave', { muteReads: 1 });
    await expect(store.readStream(name, { limit: 9 })).rejects.toThrow(/expected a server that answers, saw no answer/);
    expect(await store.readStream(name, { limit: 9 })).toHaveLength(3);
    await peer.order('misbehave', { muteReads: 1 });
    await expect(store.readAll({ prefixes: [''], limit: 9 })).rejects.toThrow(StoreUnavailable);
    expect(await everything(store)).toHaveLength(3);
  });

  test('that the server is not ready for says so', async () => {
    const name = await filled(store, 1);
    await peer.order('misbehave', { unavailableReads: 1 });
    await expect(store.readStream(name, { limit: 1 })).rejects.toThrow(StoreUnavailable);
    expect(await store.readStream(name, { limit: 1 })).toHaveLength(1);
  });

  test('of a log whose server tells nobody that they have caught up ends, or says that it did not', async () => {
    const name = await filled(store, 3);
    await peer.order('misbehave', { isWithoutCaughtUp: true });
    expect(await stored(store, name)).toHaveLength(3);
    await expect(store.readAll({ prefixes: ['gone-'], limit: 9 })).rejects.toThrow(StoreUnavailable);
  });
});

test('an event that is no JSON is told as such, and stops neither a read nor a subscription', async () => {
  const name = stream();
  await peer.order('storeForeign', name);
  const [behind] = [event()];
  await store.append(stream(), 'no-stream', [behind]);
  const odd = {
    data: {},
    meta: {},
    fault: expect.stringMatching(/^expected an event of this program, saw /) as string,
  };
  expect(await store.readStream(name, { limit: 1 })).toMatchObject([odd]);
  const all = await everything(store);
  expect(all).toMatchObject([odd, { id: behind.id }]);
  const follower = follow();
  await follower.sees(2);
  expect(follower.events).toEqual(all);
});

test('whoever may not read is told so, without the password', async () => {
  const named = open(peer.url.replace('esdb://', 'esdb://ann:secret@'));
  await peer.order('misbehave', { isAccessDenied: true });
  const tries = [
    named.verify(),
    named.append(stream(), 'no-stream', [event()]),
    named.readStream(stream(), { limit: 1 }),
    named.readAll({ prefixes: [''], limit: 1 }),
  ];
  for (const denied of await Promise.allSettled(tries)) {
    expect(denied).toMatchObject({ status: 'rejected', reason: { code: 'STORE_ACCESS_DENIED' } });
    const reason = String((denied as PromiseRejectedResult).reason);
    expect(reason).toContain(`esdb://ann@127.0.0.1:${peer.port}: expected`);
    expect(reason).not.toContain('secret');
  }
  await named.close();
});

describe('a subscription', () => {
  test('that the server ends goes on from where it was (C63)', async () => {
    const one = follow();
    const name = await filled(store, 40);
    await one.sees(40);
    expect(await peer.order('endSubscriptions')).toBe(1);
    await store.append(name, 39n, events(10));
    await one.sees(50);
    expect(one.ids).toEqual(idsOf(await everything(store)));
    expect((await peer.order('report')).subscriptions).toBeGreaterThanOrEqual(2);
  });

  // The client calls back for it at once, whatever waits in its buffer because the handler is slow.
  test('is told that it has caught up behind the events that still wait', async () => {
    await filled(store, 70);
    const one = new Follower();
    followers.push(one);
    let seenThen = 0;
    one.follow(store, {
      onPage: async (events, next) => {
        if (one.events.length === 0) await delay(200);
        one.take(events, next);
      },
      onCaughtUp: () => {
        seenThen ||= one.events.length;
      },
    });
    await until('caught up', () => seenThen > 0);
    expect(seenThen).toBe(70);
  });

  // Whoever gives up a read takes another client, and the subscription was with the one of before.
  test('goes on when a read beside it is given up', async () => {
    const one = follow();
    const name = await filled(store, 3);
    await one.sees(3);
    await peer.order('misbehave', { muteReads: 1 });
    await expect(store.readStream(name, { limit: 1 })).rejects.toThrow(StoreUnavailable);
    await store.append(name, 2n, events(2));
    await one.sees(5);
  });

  test('that is never confirmed is tried again', async () => {
    await filled(store, 3);
    await peer.order('misbehave', { muteReads: 1 });
    const one = follow();
    await one.sees(3);
  });

  test('of a server that is killed while 100 events come handles each of them once, in order (C50)', async () => {
    const one = follow();
    const name = await filled(store, 50);
    await one.sees(20);
    await peer.kill();
    await peer.restart();
    for (let revision = 50n; revision < 100n; revision += 1n) {
      await appendReliably({ store, clock: new SystemClock(), ids: new CryptoIds() }, name, revision - 1n, [event()]);
      if (revision === 75n) await peer.restart();
    }
    await one.sees(100);
    const all = idsOf(await everything(store));
    expect(all).toHaveLength(100);
    await until('nothing more comes', () => one.timesCaughtUp > 1);
    expect(one.ids).toEqual(all);
  });
});
