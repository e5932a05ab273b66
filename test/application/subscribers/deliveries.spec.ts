import { AlertSink, RefusedForGood, type AlertMessage } from '../../../src/application/ports/alert-sink';
import { AlertDelivery } from '../../../src/application/subscribers/alert-delivery';
import { LOCAL, operator } from '../../../src/domain/authority/principal';
import { subscriberStream } from '../../../src/domain/ids';
import { GIVE_UP_MS, MOST_ASIDE } from '../../../src/domain/subscriber/aside';
import type { SubscriberStanding } from '../../../src/domain/subscriber/subscriber.events';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';
import { until } from '../../contract/support/until';
import { HurriedClock, processOf, raise, redeliveryOn, saysOf } from './support';

const HOUR_MS = 60 * 60_000;
const STREAM = subscriberStream('alerts.sim');

let clock: HurriedClock;
let store: MemoryEventStore;
let sink: TimedSink;
let process: ReturnType<typeof processOf> | null = null;

/** Notes what it is asked for, when. */
class TimedSink extends AlertSink {
  readonly name = 'sim';
  readonly asked: { readonly key: string; readonly at: number }[] = [];
  readonly got: string[] = [];
  mostAtOnce = 0;
  private atOnce = 0;

  constructor(private readonly faultOf: (key: string, at: number) => Error | null) {
    super();
  }

  async send({ key }: AlertMessage): Promise<string> {
    this.asked.push({ key, at: clock.now() });
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    await Promise.resolve();
    this.atOnce -= 1;
    const fault = this.faultOf(key, clock.now());
    if (fault) throw fault;
    this.got.push(key);
    return 'taken';
  }
}

async function start(worker: string): Promise<void> {
  process = processOf({ store, clock, worker }, new AlertDelivery(sink));
  process.start();
  await until('it has begun', async () => (await saysOf(store, 'alerts.sim')).length > 0);
}
const standing = async () =>
  (await store.readStream(STREAM, { direction: 'backwards', limit: 1 }))[0]?.data as unknown as SubscriberStanding;
const ended = async () =>
  (await store.readStream(STREAM, { limit: 10_000 })).flatMap(
    ({ data }) => (data as unknown as SubscriberStanding).ended ?? [],
  );
const keysOf = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `web.T${n + from}@1`);

beforeEach(() => {
  clock = new HurriedClock();
  store = new MemoryEventStore();
});
afterEach(async () => {
  await process?.stop();
});

test('what is refused for good is a dead letter, and those behind it are delivered', async () => {
  sink = new TimedSink((key) => (key === 'web.T1@1' ? new RefusedForGood('saw 410 Gone') : null));
  await start('one');
  for (const key of keysOf(4)) await raise(store, key);
  await until('the others are there', () => sink.got.length === 3);
  await process?.stop();
  expect(sink.asked.filter(({ key }) => key === 'web.T1@1')).toHaveLength(1);
  expect(await ended()).toMatchObject([
    { name: 'web.T0@1', outcome: 'delivered', tries: 1, answer: 'taken' },
    { name: 'web.T1@1', outcome: 'dead', tries: 1, answer: 'saw 410 Gone' },
    { name: 'web.T2@1', outcome: 'delivered' },
    { name: 'web.T3@1', outcome: 'delivered' },
  ]);
  expect(await process?.views()).toMatchObject([{ behind: 0, error: null }]);
  expect(process?.logger.errors).toEqual(['a delivery is a dead letter; it is not tried again by itself']);
});

test('one that a sink never takes holds up no other, is tried seldom, and is a dead letter after a day', async () => {
  const poison = 'web.T0@1';
  sink = new TimedSink((key) => (key === poison ? new Error('saw 503') : null));
  await start('one');
  const raisedAt = clock.now();
  for (const key of keysOf(30)) await raise(store, key);
  await until('the others are there', () => sink.got.length === 29);
  expect(clock.now() - raisedAt).toBeLessThan(5_000);
  expect(await process?.views()).toMatchObject([{ behind: 1, error: 'saw 503', since: expect.any(String) as string }]);
  await until('it is given up', async () => (await ended()).some(({ outcome }) => outcome === 'dead'), 60_000);
  await process?.stop();
  expect(clock.now() - raisedAt).toBeGreaterThanOrEqual(GIVE_UP_MS);
  expect(sink.got).toEqual(keysOf(29, 1));
  const tries = sink.asked.filter(({ key }) => key === poison).length;
  expect(tries).toBeLessThan(GIVE_UP_MS / (3 * 60_000));
  expect((await ended()).find(({ name }) => name === poison)).toMatchObject({ outcome: 'dead', tries });
}, 90_000);

test('a sink that is down for an hour loses nothing, is asked seldom, and is not stormed when it is back', async () => {
  const downUntil = clock.now() + HOUR_MS;
  sink = new TimedSink((_, at) => (at < downUntil ? new Error('saw ECONNREFUSED') : null));
  await start('one');
  const keys = keysOf(2 * MOST_ASIDE + 5);
  for (const key of keys.slice(0, -5)) await raise(store, key);
  await until('as many as may be are aside', async () => (await standing()).aside?.length === MOST_ASIDE);
  await until('half of it is over', () => clock.now() > downUntil - HOUR_MS / 2);
  await process?.stop();
  // The next process goes on where this one was, and knows what is aside.
  await start('two');
  for (const key of keys.slice(-5)) await raise(store, key);
  await until('all are there', () => sink.got.length >= keys.length);
  await process?.stop();
  expect([...sink.got].sort()).toEqual([...keys].sort());
  const inVain = sink.asked.filter(({ at }) => at < downUntil);
  // Each that is aside is tried some times with longer and longer pauses, which are those of all of them together.
  expect(inVain.length).toBeLessThan(6 * MOST_ASIDE);
  expect(sink.mostAtOnce).toBe(1);
  // One that gets through brings the others forward.
  expect(clock.now() - downUntil).toBeLessThan(7 * 60_000);
  expect((await standing()).aside).toBeUndefined();
  expect((await ended()).map(({ outcome }) => outcome)).toEqual(keys.map(() => 'delivered'));
});

test('people ask for a hundred at once, and hear that there are more', async () => {
  sink = new TimedSink(() => null);
  await start('one');
  await process?.stop();
  const letter = (n: number) => ({ event: { stream: `task-web.T${n}`, revision: '1' }, name: `web.T${n}@1` });
  const many = Array.from({ length: 101 }, (_, n) => letter(n));
  const people = redeliveryOn(store, clock, many);
  expect((await people.redeliver({ sink: 'sim' }, LOCAL)).hasMore).toBe(true);
  expect((await standing()).aside).toHaveLength(100);
  expect(await people.redeliver({ sink: 'sim', alert: 'web.T7@1' }, LOCAL)).toEqual({
    items: [{ sink: 'sim', alert: 'web.T7@1' }],
    hasMore: false,
  });
  // What is aside already is not there twice.
  expect((await standing()).aside).toHaveLength(100);
  const ofWeb = { ...operator('bob'), projects: ['web'] };
  await expect(people.redeliver({ sink: 'sim' }, ofWeb)).rejects.toThrow('in all projects');
  await expect(people.redeliver({ alert: 'api.T7@1' }, ofWeb)).rejects.toThrow(
    'expected a dead letter of this alert, saw none',
  );
  await expect(people.redeliver({ alert: 'nonsense' }, LOCAL)).rejects.toThrow('saw none');
});

test('a person asks for a dead letter, and whoever delivers tries it at once', async () => {
  let isGone = true;
  sink = new TimedSink(() => (isGone ? new RefusedForGood('saw 410 Gone') : null));
  await start('one');
  await raise(store, 'web.T0@1');
  await until('it is dead', async () => (await ended()).length === 1);
  isGone = false;
  await redeliveryOn(store, clock, await ended()).redeliver({ alert: 'web.T0@1' }, LOCAL);
  await until('it is there', () => sink.got.length === 1);
  await process?.stop();
  expect(await ended()).toMatchObject([{ outcome: 'dead' }, { outcome: 'delivered', tries: 1 }]);
  expect(await saysOf(store, 'alerts.sim')).toContain('RedeliveryAsked');
});
