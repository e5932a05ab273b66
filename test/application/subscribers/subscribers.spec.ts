import { installFailpoints } from '../../../src/application/failpoint';
import { subscriberStream } from '../../../src/domain/ids';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';
import { SystemClock } from '../../../src/infrastructure/system/system-clock';
import { until } from '../../contract/support/until';
import { HurriedClock, Noting, processOf, say, saysOf } from './support';

const clock = new HurriedClock();
let store: MemoryEventStore;
let sink: Noting;
const started: { stop(): Promise<void> }[] = [];

function start(worker: string, handlers: readonly Noting[], more: Partial<Parameters<typeof processOf>[0]> = {}) {
  const process = processOf({ store, clock, worker, ...more }, ...handlers);
  process.start();
  started.push(process);
  return process;
}
const begun = (name: string) => until(`${name} has begun`, async () => (await saysOf(store, name)).length > 0);
const got = (handler: Noting, count: number) =>
  until(`${handler.name} got ${count}`, () => handler.got.length >= count);

beforeEach(() => {
  store = new MemoryEventStore();
  sink = new Noting('sink');
});
afterEach(async () => {
  installFailpoints(null);
  await Promise.all(started.splice(0).map((process) => process.stop()));
});

test('hands over what is wanted and comes after it has begun, in order, and once', async () => {
  await say(store, 'before');
  const process = start('one', [sink]);
  await begun('sink');
  for (const n of ['1', '2', '3']) await say(store, n);
  await say(store, 'x', 'Other');
  await got(sink, 3);
  await process.stop();
  expect(sink.got).toEqual(['1', '2', '3']);
  expect(new Set(await saysOf(store, 'sink'))).toEqual(
    new Set(['SubscriberBegan', 'BatchTaken', 'BatchHandled', 'LeaseReturned']),
  );
});

test('begins where it is told to, and there once only', async () => {
  await say(store, '1');
  await say(store, '2');
  const origin = { stream: 'task-web.1', revision: '0' };
  await start('one', [sink], { origin }).stop();
  await start('two', [sink], { origin }).stop();
  expect(sink.got).toEqual(['2']);
});

test('goes on where it was, and says in the log what was done', async () => {
  await start('one', [sink]).stop();
  await say(store, '1');
  await start('two', [sink]).stop();
  await start('three', [sink]).stop();
  expect(sink.got).toEqual(['1']);
  const events = await store.readStream(subscriberStream('sink'), { limit: 100 });
  expect(events.flatMap(({ data }) => data['done'])).toEqual(['1']);
});

test('goes on where it was in a store that the log was moved to, where positions are others', async () => {
  await start('one', [sink]).stop();
  await say(store, '1');
  await start('two', [sink]).stop();
  await say(store, '2');
  const moved = new MemoryEventStore();
  for (let n = 0; n < 9; n += 1) await say(moved, `of-others-${n}`, 'Other');
  const { events } = await store.readAll({ prefixes: [''], limit: 100 });
  for (const { stream, revision, id, type, data, meta } of events)
    await moved.append(stream, revision === 0n ? 'no-stream' : revision - 1n, [{ id, type, data, meta }]);
  start('three', [sink], { store: moved });
  await got(sink, 2);
  expect(sink.got).toEqual(['1', '2']);
});

test('what cannot be handled is told and tried again, and nothing behind it is handed over before', async () => {
  const process = start('one', [sink]);
  await begun('sink');
  sink.refuses = (n) => n === '2';
  for (const n of ['1', '2', '3']) await say(store, n);
  await until(
    'it was tried again',
    async () => (await saysOf(store, 'sink')).filter((t) => t === 'BatchFailed').length > 3,
  );
  expect(sink.got).toEqual(['1']);
  expect(await process.views()).toMatchObject([
    { name: 'sink', behind: 2, error: 'Error: cannot 2', since: expect.any(String) as string },
  ]);
  // A command that only looks says the same.
  const other = processOf({ store, clock, worker: 'other' }, sink);
  expect(await other.views()).toMatchObject([{ behind: 2, error: 'Error: cannot 2' }]);
  expect(process.logger.errors).toHaveLength(1);
  sink.refuses = () => false;
  await got(sink, 3);
  await process.stop();
  expect(sink.got).toEqual(['1', '2', '3']);
  expect(await process.views()).toMatchObject([{ behind: 0, error: null, since: null }]);
});

test('one that does not get on holds up no other', async () => {
  const other = new Noting('other');
  start('one', [sink, other]);
  await begun('other');
  sink.refuses = () => true;
  await say(store, '1');
  await got(other, 1);
  expect(sink.got).toEqual([]);
});

test('of several processes that live one hands over', async () => {
  const late = new Noting('sink');
  const clock = new SystemClock();
  start('one', [sink], { clock });
  await begun('sink');
  start('two', [late], { clock });
  for (let n = 0; n < 30; n += 1) await say(store, `${n}`);
  await until('all are handed over', () => sink.got.length + late.got.length >= 30);
  expect([sink.got.length, late.got.length].sort()).toEqual([0, 30]);
});

test('of several processes that live one tries again', async () => {
  const late = new Noting('sink');
  let failures = 0;
  for (const each of [sink, late])
    jest.spyOn(each, 'handle').mockImplementation(async (batch) => {
      if ((failures += 1) === 1) throw new Error('away');
      // Long enough for the other one to take it as well.
      await new Promise((resolve) => setTimeout(resolve, 200));
      return Noting.prototype.handle.call(each, batch);
    });
  const clock = new SystemClock();
  start('one', [sink], { clock });
  await begun('sink');
  start('two', [late], { clock });
  await say(store, '1');
  await until('it is done', async () => (await saysOf(store, 'sink')).includes('BatchHandled'));
  expect([...sink.got, ...late.got]).toEqual(['1']);
});

test.each(['subscriber.taken', 'subscriber.handled', 'subscriber.done'] as const)(
  'a process that is gone at %s leaves the batch to the next one, at once where it is known to be gone',
  async (point) => {
    const gone = processOf({ store, clock, worker: 'gone' }, sink);
    gone.start();
    await begun('sink');
    let isGone = false;
    installFailpoints((passed) => {
      if (passed !== point || isGone) return;
      isGone = true;
      // Nothing comes after it.
      return new Promise(() => undefined);
    });
    await say(store, '1');
    await until('it is gone', () => isGone);
    const next = new Noting('sink');
    const process = start('next', [next], { dead: new Set(['gone']) });
    await say(store, '2');
    await got(next, point === 'subscriber.done' ? 1 : 2);
    await process.stop();
    expect([...sink.got, ...next.got]).toEqual(
      { 'subscriber.taken': ['1', '2'], 'subscriber.handled': ['1', '1', '2'], 'subscriber.done': ['1', '2'] }[point],
    );
  },
);

test('nobody has to be known to be gone: a lease ends', async () => {
  const gone = processOf({ store, clock, worker: 'gone' }, sink);
  gone.start();
  await begun('sink');
  let isGone = false;
  installFailpoints((passed) => {
    if (passed !== 'subscriber.taken' || isGone) return;
    isGone = true;
    return new Promise(() => undefined);
  });
  await say(store, '1');
  await until('it is gone', () => isGone);
  const next = new Noting('sink');
  start('next', [next]);
  await got(next, 1);
  expect(sink.got).toEqual([]);
});

test('a handler that does not end is given up, visibly, and tried again', async () => {
  let isStuck = true;
  jest.spyOn(sink, 'handle').mockImplementation(async (batch) => {
    if (isStuck) await new Promise(() => undefined);
    return Noting.prototype.handle.call(sink, batch);
  });
  const process = start('one', [sink]);
  await begun('sink');
  await say(store, '1');
  await until('it is told', async () => (await process.views())[0]?.error === 'expected an end within 30 s, saw none');
  isStuck = false;
  await got(sink, 1);
});

test('many events that nobody wants are passed over: whoever starts does not read them again', async () => {
  start('one', [sink]);
  await begun('sink');
  for (let n = 0; n < 1_100; n += 1) await say(store, `${n}`, 'Other');
  const last = async () => (await store.readStream('subscriber-sink', { direction: 'backwards', limit: 1 }))[0];
  const passed = async () => Number(/web\.(\d+)/.exec(JSON.stringify((await last())?.data['after']))?.[1] ?? 0);
  await until('it has passed them over', async () => (await passed()) > 100);
  expect(new Set(await saysOf(store, 'sink'))).toEqual(new Set(['SubscriberBegan', 'BatchHandled']));
});

test('who is far behind reads the log', async () => {
  await start('one', [sink]).stop();
  for (let n = 0; n < 1_200; n += 1) await say(store, `${n}`);
  start('two', [sink]);
  await got(sink, 1_200);
  expect(new Set(sink.got).size).toBe(1_200);
});

test('what stands in its stream and cannot be read is passed over', async () => {
  await start('one', [sink]).stop();
  const stream = subscriberStream('sink');
  const [last] = await store.readStream(stream, { direction: 'backwards', limit: 1 });
  const odd = {
    id: '0'.repeat(8) + '-0000-4000-8000-000000000000',
    type: 'BatchHandled',
    data: { after: 5 },
    meta: {},
  };
  await store.append(stream, last?.revision ?? 'no-stream', [odd]);
  await say(store, '1');
  start('two', [sink]);
  await got(sink, 1);
});

test('what a process has appended that only ends is done before it ends', async () => {
  const process = processOf({ store, clock, worker: 'one' }, sink);
  const event = { id: 'x', type: 'Wanted', data: {}, meta: {} };
  await process.beforeAppend('task-web.1', [{ ...event, type: 'Other' }]);
  expect(await saysOf(store, 'sink')).toEqual([]);
  await process.beforeAppend('task-web.1', [event]);
  await say(store, '1');
  process.onAppended('task-web.1', [event]);
  await process.stop();
  expect(sink.got).toEqual(['1']);
  expect(await saysOf(store, 'sink')).toEqual(['SubscriberBegan', 'BatchTaken', 'BatchHandled']);
});

test('a process that ends does not wait for what cannot be done', async () => {
  await start('one', [sink]).stop();
  sink.refuses = () => true;
  await say(store, '1');
  await start('two', [sink]).stop();
  expect((await saysOf(store, 'sink')).filter((type) => type === 'BatchFailed').length).toBeGreaterThan(0);
  sink.refuses = () => false;
  start('three', [sink]);
  await got(sink, 1);
});

test('a store that is away for a while loses nothing', async () => {
  const append = jest.spyOn(store, 'append');
  const readStream = jest.spyOn(store, 'readStream').mockRejectedValue(new Error('away'));
  const process = start('one', [sink]);
  await until('it was tried', () => process.logger.warnings.length > 0);
  readStream.mockRestore();
  await begun('sink');
  append.mockRejectedValueOnce(new Error('away')).mockRejectedValueOnce(new Error('away'));
  await store.append('task-web.0', 'no-stream', []).catch(() => undefined);
  append.mockRestore();
  await say(store, '1');
  await got(sink, 1);
});

test('a process ends in order when the store no longer takes the lease back', async () => {
  const process = start('one', [sink]);
  await begun('sink');
  await say(store, '1');
  await got(sink, 1);
  await until('its checkpoint is stored', async () => (await saysOf(store, 'sink')).includes('BatchHandled'));
  const append = jest.spyOn(store, 'append').mockRejectedValue(new Error('away'));
  await process.stop();
  expect(append).toHaveBeenCalled();
  expect(process.logger.warnings).toEqual(['a subscriber could not give its lease back; it ends by itself']);
});

test('a handler that was given up does nothing more', async () => {
  let goOn: () => void = () => undefined;
  let isFirst = true;
  const sent: string[] = [];
  jest.spyOn(sink, 'handle').mockImplementation(async ({ events, done }) => {
    const name = isFirst ? 'late' : 'next';
    for (const event of events) {
      if (isFirst) {
        isFirst = false;
        await new Promise<void>((resolve) => (goOn = resolve));
      }
      sent.push(name);
      done(event);
    }
  });
  start('one', [sink]);
  await begun('sink');
  await say(store, '1');
  await say(store, '2');
  await until('the next one is through', () => sent.length >= 2);
  goOn();
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toEqual(['next', 'next', 'late']);
});
