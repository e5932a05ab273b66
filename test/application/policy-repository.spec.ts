import { PolicyRepository } from '../../src/application/conductor/policy-repository';
import type { StoredEvent } from '../../src/application/ports/event-store';
import type { Project } from '../../src/application/projects';
import type { Damage } from '../../src/domain/damage';
import { policyStream } from '../../src/domain/ids';
import { buildProject } from '../../src/infrastructure/config/project/build-project';
import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { SystemClock } from '../../src/infrastructure/system/system-clock';

const STREAM = policyStream('web');
const projectOf = (suite: string): Project =>
  buildProject(new NodeHasher(), { project: 'web', repo: '/srv/web.git', staging: { suite } });
const [mine, theirs] = [projectOf('npm test'), projectOf('make check')];

/** A log whose reads can be kept waiting after they have looked. */
class SlowStore extends MemoryEventStore {
  answer: Promise<unknown> = Promise.resolve();

  override async readStream(...args: Parameters<MemoryEventStore['readStream']>): Promise<StoredEvent[]> {
    const { answer } = this;
    const found = await super.readStream(...args);
    await answer;
    return found;
  }
}

let store: SlowStore;
let damaged: Damage[];
const keeper = (worker = 'w1') =>
  new PolicyRepository({
    store,
    clock: new SystemClock(),
    ids: new CryptoIds(),
    hasher: new NodeHasher(),
    worker,
    onDamage: (damage) => damaged.push(damage),
  });
const stored = () => MemoryEventStore.prototype.readStream.call(store, STREAM, { limit: 99 });
const last = async (): Promise<StoredEvent> => {
  const event = (await stored()).at(-1);
  if (!event) throw new Error('nothing is stored');
  return event;
};

beforeEach(() => {
  store = new SlowStore();
  damaged = [];
});

describe('a keeper of policies', () => {
  it('records its policy once, and again when another came between', async () => {
    const [ann, bob] = [keeper(), keeper('w2')];
    await ann.record(mine);
    await ann.record(mine);
    expect([ann.isInForce(mine), (await stored()).length]).toEqual([true, 1]);
    await bob.record(theirs);
    ann.observe(await last());
    expect([ann.isInForce(mine), ann.isInForce(theirs)]).toEqual([false, true]);
    await ann.record(mine);
    expect([ann.isInForce(mine), (await stored()).length]).toEqual([true, 3]);
  });

  it('follows what was told while it read', async () => {
    const [ann, bob] = [keeper(), keeper('w2')];
    await ann.record(mine);
    let go: (value?: unknown) => void = () => undefined;
    store.answer = new Promise((resolve) => (go = resolve));
    const reading = ann.record(mine);
    store.answer = Promise.resolve();
    await bob.record(theirs);
    ann.observe(await last());
    go();
    await reading;
    expect([ann.isInForce(mine), ann.isInForce(theirs)]).toEqual([false, true]);
  });

  it('follows what was told while its own was stored', async () => {
    const [ann, bob] = [keeper(), keeper('w2')];
    let go: (value?: unknown) => void = () => undefined;
    const held = new Promise((resolve) => (go = resolve));
    const isStored = new Promise<void>((resolve) => {
      jest.spyOn(store, 'append').mockImplementationOnce(async (...args) => {
        const answer = await MemoryEventStore.prototype.append.call(store, ...args);
        resolve();
        await held;
        return answer;
      });
    });
    const recording = ann.record(mine);
    await isStored;
    ann.observe(await last());
    await bob.record(theirs);
    ann.observe(await last());
    go();
    await recording;
    expect([ann.isInForce(mine), ann.isInForce(theirs)]).toEqual([false, true]);
  });

  it('relies on what was told last, whatever it missed before', async () => {
    const [ann, bob] = [keeper(), keeper('w2')];
    await ann.record(mine);
    await bob.record(theirs);
    await bob.record(mine);
    await bob.record(theirs);
    ann.observe(await last());
    expect(ann.isInForce(theirs)).toBe(true);
    ann.observe((await stored())[0] as StoredEvent);
    expect([ann.isInForce(theirs), ann.damageOf(theirs)]).toEqual([true, null]);
  });

  it('believes the stream on a store that had its event already', async () => {
    await keeper('w2').record(mine);
    const append = jest.spyOn(store, 'append');
    jest.spyOn(store, 'readStream').mockResolvedValueOnce([]);
    const ann = keeper();
    await ann.record(mine);
    expect([append.mock.calls.length, ann.isInForce(mine), (await stored()).length]).toEqual([1, true, 1]);
  });

  it('records nothing behind an event without the right hash', async () => {
    await keeper('w2').record(theirs);
    const changed = await last();
    jest.spyOn(store, 'readStream').mockResolvedValue([{ ...changed, meta: { ...changed.meta, chain: 'made up' } }]);
    const ann = keeper();
    await ann.record(mine);
    expect([ann.isInForce(mine), ann.isInForce(theirs), (await stored()).length]).toEqual([false, false, 1]);
    expect([ann.damageOf(mine)]).toEqual(damaged);
    expect(damaged).toMatchObject([{ stream: STREAM, revision: '0' }]);
  });
});
