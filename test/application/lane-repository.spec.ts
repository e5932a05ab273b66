import { LaneRepository } from '../../src/application/conductor/lane-repository';
import type { StoredEvent } from '../../src/application/ports/event-store';
import { laneStream } from '../../src/domain/ids';
import { DEFAULT_BREAKER } from '../../src/domain/policy/project-policy';
import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { SystemClock } from '../../src/infrastructure/system/system-clock';

const PROJECT = 'web';
const grant = (taskId: string) => ({ type: 'GrantLane', data: { taskId, headOid: '' } }) as const;
const release = (epoch: string) => ({ type: 'ReleaseLane', data: { epoch, reason: 'done', outcome: null } }) as const;

/** A log that counts its reads; each can be kept waiting after it has looked. */
class WatchedStore extends MemoryEventStore {
  reads = 0;
  answer: Promise<unknown> = Promise.resolve();

  override async readStream(...args: Parameters<MemoryEventStore['readStream']>): Promise<StoredEvent[]> {
    this.reads += 1;
    const { answer } = this;
    const found = super.readStream(...args);
    await answer;
    return found;
  }
}

let store: WatchedStore;
const keeper = (worker = 'w1') =>
  new LaneRepository({ store, clock: new SystemClock(), ids: new CryptoIds(), hasher: new NodeHasher(), worker });

async function storedEvent(index: number): Promise<StoredEvent> {
  const events = await MemoryEventStore.prototype.readStream.call(store, laneStream(PROJECT), { limit: 99 });
  const event = events[index];
  if (!event) throw new Error(`no event ${index}`);
  return event;
}

beforeEach(() => {
  store = new WatchedStore();
});

describe('a keeper of lanes', () => {
  it('reads a lane once: what it appends itself it knows', async () => {
    const mine = keeper();
    expect((await mine.execute(PROJECT, grant('web.T1'))).grant).toMatchObject({ taskId: 'web.T1', epoch: '0' });
    expect((await mine.execute(PROJECT, release('0'))).grant).toBeNull();
    expect((await mine.execute(PROJECT, grant('web.T2'))).grant).toMatchObject({ taskId: 'web.T2', epoch: '2' });
    expect(store.reads).toBe(1);
    expect(await keeper().view(PROJECT)).toEqual(await mine.recall(PROJECT));
  });

  it('loses to whoever was faster, and then knows the lane as it is', async () => {
    const [mine, others] = [keeper(), keeper('w2')];
    await mine.recall(PROJECT);
    await others.execute(PROJECT, grant('web.T2'));
    expect((await mine.execute(PROJECT, grant('web.T1'))).grant).toMatchObject({ taskId: 'web.T2' });
    expect(await mine.recall(PROJECT)).toEqual(await others.recall(PROJECT));
  });

  it('says no by the stream, not by what it remembers', async () => {
    const [mine, others] = [keeper(), keeper('w2')];
    await mine.execute(PROJECT, grant('web.T1'));
    await others.execute(PROJECT, release('0'));
    expect((await mine.execute(PROJECT, grant('web.T2'))).grant).toMatchObject({ taskId: 'web.T2', epoch: '2' });
  });

  it('knows the lane after its command on a store that cannot tell what it had already', async () => {
    jest.spyOn(store, 'append').mockImplementation(async (...args) => {
      const { revision } = await MemoryEventStore.prototype.append.call(store, ...args);
      return { revision };
    });
    expect((await keeper().execute(PROJECT, grant('web.T1'))).grant).toMatchObject({ taskId: 'web.T1', epoch: '0' });
  });

  it('misses no event that comes while it reads', async () => {
    const [mine, others] = [keeper(), keeper('w2')];
    await others.execute(PROJECT, grant('web.T1'));
    let go: (value?: unknown) => void = () => undefined;
    store.answer = new Promise((resolve) => (go = resolve));
    const early = mine.recall(PROJECT);
    store.answer = Promise.resolve();
    await others.execute(PROJECT, release('0'));
    mine.observe(PROJECT, await storedEvent(0));
    mine.observe(PROJECT, await storedEvent(1));
    go();
    expect((await early).grant).toMatchObject({ taskId: 'web.T1' });
    expect((await mine.recall(PROJECT)).grant).toBeNull();
  });

  it('follows what others do', async () => {
    const [mine, others] = [keeper(), keeper('w2')];
    await mine.recall(PROJECT);
    await others.execute(PROJECT, grant('web.T1'));
    mine.observe(PROJECT, await storedEvent(0));
    const { reads } = store;
    expect((await mine.recall(PROJECT)).grant).toMatchObject({ taskId: 'web.T1', epoch: '0' });
    expect(store.reads).toBe(reads);
  });

  it('pauses it once, whichever of two replicas sees the last failure first', async () => {
    const breaker = { ...DEFAULT_BREAKER, minRuns: 3 };
    const failed = (epoch: string) =>
      ({ type: 'ReleaseLane', data: { epoch, reason: 'done', outcome: 'infra' } }) as const;
    const [mine, others] = [keeper(), keeper('w2')];
    for (const task of ['web.T1', 'web.T2', 'web.T3']) {
      const { grant: given } = await mine.execute(PROJECT, grant(task), breaker);
      await others.view(PROJECT);
      await Promise.all([mine, others].map((each) => each.execute(PROJECT, failed(given?.epoch ?? ''), breaker)));
    }
    const events = await MemoryEventStore.prototype.readStream.call(store, laneStream(PROJECT), { limit: 99 });
    expect(events.map(({ type }) => type)).toEqual([
      ...Array.from({ length: 3 }).flatMap(() => ['LaneGranted', 'LaneReleased']),
      'LanePaused',
    ]);
    expect(await others.view(PROJECT)).toEqual(await mine.view(PROJECT));
    expect((await others.recall(PROJECT)).pause).toMatchObject({ cause: 'infra-rate', runs: 3, tasks: 3 });
    expect((await mine.execute(PROJECT, grant('web.T4'), breaker)).grant).toBeNull();
  });
});
