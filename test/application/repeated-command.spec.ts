import { TaskExecutor } from '../../src/application/execute-task';
import { Operations, type OperationsDeps } from '../../src/application/operations';
import { operator } from '../../src/domain/authority/principal';
import type { Project } from '../../src/application/projects';
import { TaskRepository } from '../../src/application/task-repository';
import { buildProject } from '../../src/infrastructure/config/project/build-project';
import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { NoProjects, TestClock } from '../projections/support/harness';
import { START } from '../support/given-when-then';
import { check } from '../support/invariants';
import { contextAt } from '../support/policies';

const HEAD = 'a'.repeat(40);
const TASK = 'web.T1';
const FACTS = {
  mainOid: HEAD,
  branchOid: HEAD,
  mainCheckedOutAt: null,
  cannotFollow: null,
  incomplete: null,
  isUnrelated: false,
  unsupported: [],
};

let store: MemoryEventStore;
let minutes: number;
/** Later whenever it is asked: no two decisions are of the same moment. */
const clock = new TestClock(() => Date.parse(START) + 60_000 * (minutes += 1));

beforeEach(() => {
  store = new MemoryEventStore();
  minutes = 0;
});

function executor(): TaskExecutor {
  const deps = {
    store,
    tasks: new TaskRepository(store),
    clock,
    ids: new CryptoIds(),
    hasher: new NodeHasher(),
    worker: 'w',
  };
  return new TaskExecutor(deps);
}

const context = () => contextAt(new Date(clock.now()).toISOString());

async function violations() {
  const { events } = await store.readAll({ prefixes: [''], limit: 100 });
  return check(events, { isAtRest: false });
}

it('whoever repeats a command that somebody else has stored goes on from what they stored', async () => {
  const [first, second] = [executor(), executor()];
  const data = { taskId: TASK, project: 'web', title: 't', branch: 'b', headOid: HEAD, priority: 5 } as const;
  const command = { type: 'SubmitTask', data: { ...data, startStage: 'deploy-staging' } } as const;
  const submit = (by: TaskExecutor) => by.execute(TASK, command, context, { commandId: 'the same' });
  await Promise.all([submit(first), submit(second)]);
  const hold = { type: 'HoldTask', data: { reason: 'wait' } } as const;
  await second.execute(TASK, hold, context, { commandId: 'another' });
  expect(await violations()).toEqual([]);
});

it('of two submissions of one name that differ, one is refused', async () => {
  const project: Project = buildProject(new NodeHasher(), {
    project: 'web',
    repo: '/srv/web.git',
    staging: { suite: 'true' },
  });
  const operations = () =>
    new Operations({
      executor: executor(),
      projects: Object.assign(new NoProjects(), { get: () => project }),
      git: { inspect: () => Promise.resolve(FACTS) },
      clock,
      ids: new CryptoIds(),
    } as unknown as OperationsDeps);
  const submit = (title: string) =>
    operations().submit({ project: 'web', id: 'T1', branch: 'b', title }, operator(title));
  const told = await Promise.allSettled([submit('one'), submit('two')]);
  expect(told.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});
