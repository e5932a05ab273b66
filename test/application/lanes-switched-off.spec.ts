import { LaneRepository } from '../../src/application/conductor/lane-repository';
import { Lanes } from '../../src/application/conductor/lanes';
import type { Project, Projects } from '../../src/application/projects';
import { TaskRepository } from '../../src/application/task-repository';
import type { SubmittedTask } from '../../src/domain/task/task.state';
import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { SystemClock } from '../../src/infrastructure/system/system-clock';

const BREAKER = { windowMs: 3_600_000, minRuns: 3, rate: 1, unmovedMs: 3_600_000, cooldownMs: 3_600_000 };
const web = { policy: { project: 'web', breaker: BREAKER } } as Project;
const task = (id: string, epoch: string | null = null) =>
  ({
    kind: 'submitted',
    id,
    headOid: 'a',
    interruptedLanding: null,
    laneRun: epoch === null ? null : { epoch, outcome: 'infra' },
  }) as unknown as SubmittedTask;

let isOn: boolean;
let store: MemoryEventStore;
let lanes: Lanes;
beforeEach(() => {
  isOn = true;
  store = new MemoryEventStore();
  const clock = new SystemClock();
  lanes = new Lanes({
    keeper: new LaneRepository({ store, clock, ids: new CryptoIds(), hasher: new NodeHasher(), worker: 'w1' }),
    tasks: new TaskRepository(store),
    clock,
    projects: { switches: () => ({ laneBreaker: isOn }) } as unknown as Projects,
  });
});

/** Three tasks, each failed by the machine. */
async function fail(): Promise<void> {
  for (const id of ['web.T1', 'web.T2', 'web.T3']) {
    expect(await lanes.ensure(task(id), web, { kind: 'merge-gate' })).toBe(true);
    const { grant } = await lanes.view(web);
    if (grant) await lanes.reap(web, grant, 'its holder has no use for it', task(id, grant.epoch));
  }
}

const last = async () => (await store.readStream('lane-web', { limit: 99 })).at(-1);

test('a paused lane is granted to nobody; once its breaker is switched off it is resumed, on record, and granted', async () => {
  await fail();
  expect(await last()).toMatchObject({ type: 'LanePaused' });
  expect(await lanes.ensure(task('web.T4'), web, { kind: 'merge-gate' })).toBe(false);
  isOn = false;
  expect(await lanes.ensure(task('web.T4'), web, { kind: 'merge-gate' })).toBe(true);
  const types = (await store.readStream('lane-web', { limit: 99 })).slice(-2).map(({ type, data }) => [type, data]);
  expect(types).toMatchObject([
    ['LaneResumed', { how: 'switched-off', by: 'stagegate' }],
    ['LaneGranted', { taskId: 'web.T4' }],
  ]);
});

test('switched off, it never opens', async () => {
  isOn = false;
  await fail();
  expect(await last()).toMatchObject({ type: 'LaneReaped', data: { outcome: 'infra' } });
});

test('what the machine failed under an earlier grant is not told of this one', async () => {
  await lanes.ensure(task('web.T1'), web, { kind: 'merge-gate' });
  const { grant } = await lanes.view(web);
  if (grant) await lanes.reap(web, grant, 'its holder has no use for it', task('web.T1', '99'));
  expect((await last())?.data).not.toHaveProperty('outcome');
});
