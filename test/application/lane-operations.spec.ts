import { LaneRepository } from '../../src/application/conductor/lane-repository';
import { LaneOperations } from '../../src/application/lane-operations';
import { operator, SERVICE } from '../../src/domain/authority/principal';
import { DEFAULT_BREAKER } from '../../src/domain/policy/project-policy';
import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { SystemClock } from '../../src/infrastructure/system/system-clock';
import { ListedProjects } from '../support/listed-projects';

const ANN = operator('ann');
const breaker = { ...DEFAULT_BREAKER, minRuns: 3 };
const web = { policy: { project: 'web' } };
const projects = new ListedProjects([web]);

let store: MemoryEventStore;
let lanes: LaneRepository;
let operations: LaneOperations;
beforeEach(() => {
  store = new MemoryEventStore();
  const deps = { store, clock: new SystemClock(), ids: new CryptoIds(), hasher: new NodeHasher(), worker: 'w1' };
  lanes = new LaneRepository(deps);
  operations = new LaneOperations({ lanes: new LaneRepository({ ...deps, worker: 'w2' }), projects });
});

async function pause(): Promise<void> {
  for (const taskId of ['web.T1', 'web.T2', 'web.T3']) {
    const { grant } = await lanes.execute('web', { type: 'GrantLane', data: { taskId, headOid: '' } }, breaker);
    const data = { epoch: grant?.epoch ?? '', reason: 'done', outcome: 'infra' } as const;
    await lanes.execute('web', { type: 'ReleaseLane', data }, breaker);
  }
}

test('a person resumes a paused lane, on record and once', async () => {
  await pause();
  const request = { project: 'web', reason: 'the disk has room again' };
  expect(await operations.resume(request, ANN)).toEqual({ project: 'web', isChanged: true });
  expect(await operations.resume(request, ANN)).toEqual({ project: 'web', isChanged: false });
  const last = (await store.readStream('lane-web', { limit: 99 })).at(-1);
  expect(last).toMatchObject({
    type: 'LaneResumed',
    data: { how: 'person', by: 'ann', reason: 'the disk has room again' },
    meta: { actor: 'ann' },
  });
});

test.each([
  ['who may not operate', { project: 'web', reason: 'why' }, SERVICE, 'not-allowed'],
  ['a project that is not there', { project: 'api', reason: 'why' }, ANN, 'unknown-project'],
  ['no reason', { project: 'web', reason: '' }, ANN, 'invalid-reason'],
] as const)('is refused: %s', async (_what, request, principal, code) => {
  await pause();
  await expect(operations.resume(request, principal)).rejects.toMatchObject({ code });
  expect((await lanes.view('web')).pause).not.toBeNull();
});
