import type { StoredEvent } from '../../src/application/ports/event-store';
import { SwitchRepository } from '../../src/application/switch-repository';
import type { Damage } from '../../src/domain/damage';
import { switchStream } from '../../src/domain/ids';
import { SWITCH_NAMES } from '../../src/domain/policy/switches';
import type { SetSwitch } from '../../src/domain/policy/switches.decider';
import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { SystemClock } from '../../src/infrastructure/system/system-clock';
import { NoProjects } from '../projections/support/harness';

const off: SetSwitch = { switch: 'stagingRunner', enabled: false, by: 'ann', reason: 'it hangs' };
const PROJECTS = ['web', 'api', 'site'];

/** One replica of several on one log. */
class Replica {
  readonly projects = new NoProjects();
  readonly damaged: Damage[] = [];
  readonly switches: SwitchRepository;

  constructor(store: MemoryEventStore, worker: string) {
    this.switches = new SwitchRepository({
      store,
      clock: new SystemClock(),
      ids: new CryptoIds(),
      hasher: new NodeHasher(),
      worker,
      projects: this.projects,
      onDamage: (damage) => this.damaged.push(damage),
    });
  }
}

let store: MemoryEventStore;
let ann: Replica;
let bob: Replica;
beforeEach(() => {
  store = new MemoryEventStore();
  [ann, bob] = [new Replica(store, 'w1'), new Replica(store, 'w2')];
});

const stored = (project = 'web') => store.readStream(switchStream(project), { limit: 1_000 });

it('says who, why, since when and at which revision, on the replica that set it and on one that reads', async () => {
  expect((await ann.switches.set('web', off)).kind).toBe('set');
  expect(await bob.switches.read('web')).toBe(true);
  for (const { projects } of [ann, bob]) {
    const origin = { from: 'event', by: 'ann', reason: 'it hangs', revision: '0' };
    expect(projects.switchesInForce('web').stagingRunner).toMatchObject({ enabled: false, origin });
  }
  expect(await stored()).toMatchObject([{ type: 'SwitchSet', data: off, meta: { actor: 'ann', worker: 'w1' } }]);
  expect(await bob.switches.read('web')).toBe(false);
});

it('of two replicas that set the same at once, one appends, and the other finds it done', async () => {
  const told = await Promise.all([ann.switches.set('web', off), bob.switches.set('web', { ...off, by: 'bob' })]);
  expect(told.map(({ kind }) => kind).sort()).toEqual(['nothing', 'set']);
  expect(await stored()).toHaveLength(1);
  expect(ann.projects.switchesInForce('web')).toEqual(bob.projects.switchesInForce('web'));
});

it('of two that set different things at once, both are in the log, one after the other, and the later one counts', async () => {
  await ann.switches.set('web', { ...off, enabled: true });
  await bob.switches.read('web');
  const giveBack = { ...off, enabled: null, by: 'bob' };
  const told = await Promise.all([ann.switches.set('web', off), bob.switches.set('web', giveBack)]);
  expect(told.map(({ kind }) => kind)).toEqual(['set', 'set']);
  const last = (await stored()).at(-1)?.data as unknown as SetSwitch;
  await Promise.all([ann.switches.read('web'), bob.switches.read('web')]);
  for (const { projects } of [ann, bob]) expect(projects.switches('web').stagingRunner).toBe(last.enabled ?? true);
});

it('many at once on both replicas leave a stream without gaps, and one answer', async () => {
  const wanted = Array.from({ length: 8 }, (_, turn) => ({
    ...off,
    switch: SWITCH_NAMES[turn % SWITCH_NAMES.length] ?? '',
    enabled: turn % 3 === 0 ? null : turn % 2 === 0,
  }));
  await Promise.all(wanted.map((data, turn) => (turn % 2 ? ann : bob).switches.set('web', data)));
  const revisions = (await stored()).map(({ revision }) => revision);
  expect(revisions).toEqual(revisions.map((_, index) => BigInt(index)));
  await Promise.all([ann.switches.read('web'), bob.switches.read('web')]);
  expect(ann.projects.switchesInForce('web')).toEqual(bob.projects.switchesInForce('web'));
});

describe('what a subscription tells', () => {
  const tell = async (replica: Replica, event: StoredEvent | undefined) => {
    if (event) await replica.switches.observe(event);
  };

  it('is in force before the next line runs', async () => {
    await bob.switches.read('web');
    await ann.switches.set('web', off);
    const [event] = await stored();
    const telling = tell(bob, event);
    expect(bob.projects.switches('web').stagingRunner).toBe(false);
    await telling;
  });

  it('with something left out is made good from the stream', async () => {
    await bob.switches.read('web');
    await ann.switches.set('web', off);
    await ann.switches.set('web', { ...off, switch: 'mergeInfraRetry' });
    await tell(bob, (await stored()).at(-1));
    expect(bob.projects.switches('web')).toMatchObject({ stagingRunner: false, mergeInfraRetry: false });
  });

  it('late takes nothing back', async () => {
    await ann.switches.set('web', off);
    await ann.switches.set('web', { ...off, enabled: true });
    await bob.switches.read('web');
    await tell(bob, (await stored())[0]);
    expect(bob.projects.switches('web').stagingRunner).toBe(true);
  });

  it('of a project that is not configured here harms nobody', async () => {
    await ann.switches.set('elsewhere', off);
    await tell(bob, (await stored('elsewhere'))[0]);
    expect(bob.projects.switches('web').stagingRunner).toBe(true);
  });
});

describe.each(SWITCH_NAMES)('%s', (name) => {
  it.each(PROJECTS)('of %s has no say in any other switch, nor in another project', async (project) => {
    await ann.switches.set(project, { ...off, switch: name });
    for (const other of PROJECTS) await bob.switches.read(other);
    for (const { projects } of [ann, bob])
      for (const other of PROJECTS)
        for (const each of SWITCH_NAMES)
          expect([other, each, projects.switches(other)[each]]).toEqual([
            other,
            each,
            !(other === project && each === name),
          ]);
  });
});

it('a stream with an event that does not fit stays as it was before, and is told as damage', async () => {
  await ann.switches.set('web', off);
  const [first] = await stored();
  const data = { ...off, enabled: 'maybe' } as never;
  await store.append(switchStream('web'), 0n, [
    { id: new CryptoIds().uuid(), type: 'SwitchSet', data, meta: first?.meta ?? {} },
  ]);
  await bob.switches.read('web');
  expect(bob.projects.switches('web').stagingRunner).toBe(false);
  expect(bob.projects.switchSettings('web').damage).toMatchObject({ stream: 'switches-web', revision: '1' });
  expect(bob.damaged).not.toHaveLength(0);
  expect(await bob.switches.set('web', { ...off, enabled: true })).toMatchObject({
    kind: 'rejected',
    reason: 'store-corrupt',
  });
});
