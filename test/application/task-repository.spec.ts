import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { CHAIN_START, toNewEvents } from '../../src/application/envelope';
import type { StoredEvent } from '../../src/application/ports/event-store';
import { TaskRepository } from '../../src/application/task-repository';
import { taskStream } from '../../src/domain/ids';
import { instant } from '../../src/domain/instant';
import { TASK_EVENT_VERSIONS, type TaskEvent } from '../../src/domain/task/task.events';

const ID = 'web.T1';
const SUBMITTED = {
  type: 'TaskSubmitted',
  data: {
    project: 'web',
    title: 'a change',
    branch: 'change',
    headOid: null,
    startStage: 'created',
    priority: 5,
    submittedBy: 'ann',
  },
} as unknown as TaskEvent;
const note = (text: string): TaskEvent => ({ type: 'TaskAnnotated', data: { by: 'ann', text } });

class CountingStore extends MemoryEventStore {
  reads = 0;

  override readStream(...args: Parameters<MemoryEventStore['readStream']>): ReturnType<MemoryEventStore['readStream']> {
    this.reads += 1;
    return super.readStream(...args);
  }
}

/** A task's stream, its log, and the events as a subscription would bring them. */
async function logOf(
  count: number,
): Promise<{ store: CountingStore; tasks: TaskRepository; events: readonly StoredEvent[] }> {
  const store = new CountingStore();
  const stream = taskStream(ID);
  const facts = [SUBMITTED, ...Array.from({ length: count - 1 }, (_, index) => note(`note ${index}`))];
  const fields = {
    occurredAt: instant(0),
    actor: 'ann',
    worker: 'w',
    correlationId: ID,
    causationId: '',
    policyDigest: null,
  };
  const made = toNewEvents(
    new NodeHasher(),
    { stream, expected: 'no-stream', chain: CHAIN_START },
    facts,
    TASK_EVENT_VERSIONS,
    fields,
    (index) => new CryptoIds().eventId('test', index),
  );
  await store.append(stream, 'no-stream', made.events);
  const events = await store.readStream(stream, { limit: count });
  store.reads = 0;
  return { store, tasks: new TaskRepository(store), events };
}

test('a remembered state that is new enough is not read again', async () => {
  const { store, tasks } = await logOf(3);
  await tasks.load(ID);
  store.reads = 0;
  const { state: task } = await tasks.asOf(ID, 2n);
  expect(task.revision).toBe(2n);
  expect(store.reads).toBe(0);
});

test('a state that is too old, or not there, is read from the stream', async () => {
  const { store, tasks, events } = await logOf(3);
  expect((await tasks.asOf(ID, 0n)).state.revision).toBe(2n);
  await store.append(taskStream(ID), 2n, [{ ...(events[2] as StoredEvent), id: new CryptoIds().uuid() }]);
  expect((await tasks.asOf(ID, 3n)).state.revision).toBe(3n);
  expect(store.reads).toBe(2);
});

test('the next event of a subscription moves the remembered state on as reading it would', async () => {
  const { tasks, events } = await logOf(3);
  const early = new TaskRepository(await storeWith(events.slice(0, 2)));
  await early.load(ID);
  early.observe(ID, events[2] as StoredEvent);
  expect(await early.recall(ID)).toEqual(await tasks.load(ID));
});

test('an event that was delivered before, or comes too soon, changes nothing', async () => {
  const { events } = await logOf(4);
  const tasks = new TaskRepository(await storeWith(events.slice(0, 2)));
  const before = await tasks.load(ID);
  tasks.observe(ID, events[1] as StoredEvent);
  tasks.observe(ID, events[3] as StoredEvent);
  expect(await tasks.recall(ID)).toBe(before);
});

test('an event of a task that nobody remembers is not the beginning of a state', async () => {
  const { store, tasks, events } = await logOf(2);
  tasks.observe(ID, events[1] as StoredEvent);
  expect((await tasks.recall(ID)).state.revision).toBe(1n);
  expect(store.reads).toBe(1);
});

async function storeWith(events: readonly StoredEvent[]): Promise<MemoryEventStore> {
  const store = new MemoryEventStore();
  await store.append(
    taskStream(ID),
    'no-stream',
    events.map(({ id, type, data, meta }) => ({ id, type, data, meta })),
  );
  return store;
}
