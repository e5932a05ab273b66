import type { UpkeepOptions } from '../../src/application/ports/git-workspace';
import { Upkeep } from '../../src/application/upkeep';

const PROJECT = { repository: { project: 'web', path: '/web.git', main: 'main' } };
const OTHER = { repository: { project: 'api', path: '/api.git', main: 'main' } };

function bed(work: (options: UpkeepOptions) => Promise<void>, tasks: Readonly<Record<string, object>> = {}) {
  const warned: string[] = [];
  let begun = 0;
  const deps = {
    git: {
      keepUp: (_: unknown, options: UpkeepOptions) => {
        begun += 1;
        return work(options);
      },
    },
    tasks: { load: (id: string) => Promise.resolve({ state: tasks[id] ?? { kind: 'unknown' } }) },
    logger: { warn: (message: string) => warned.push(message) },
  };
  const upkeep = new Upkeep(deps as unknown as ConstructorParameters<typeof Upkeep>[0]);
  return { upkeep, warned, begun: () => begun };
}

test('one at a time for each project, and none once it is told to stop', async () => {
  const { upkeep, begun } = bed(
    ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          resolve();
        });
      }),
  );
  for (const project of [PROJECT, PROJECT, OTHER]) upkeep.taskEnded(project);
  expect(begun()).toBe(2);
  await upkeep.stop();
  upkeep.taskEnded(PROJECT);
  expect(begun()).toBe(2);
});

test('a failure is told once, costs nobody anything, and is not tried again at once', async () => {
  const { upkeep, begun, warned } = bed(() => Promise.reject(new Error('no room')));
  upkeep.taskEnded(PROJECT);
  await upkeep.settled();
  for (let end = 0; end < 100; end += 1) upkeep.taskEnded(PROJECT);
  await upkeep.settled();
  expect([begun(), warned.length]).toEqual([1, 1]);
  upkeep.taskEnded(PROJECT);
  await upkeep.settled();
  expect([begun(), warned.length]).toEqual([2, 2]);
});

test('only what the log says to be at its end is at its end', async () => {
  const submitted = { kind: 'submitted', damage: null };
  const tasks = {
    'web.done': { ...submitted, stage: 'done' },
    'web.cancelled': { ...submitted, stage: 'cancelled' },
    'web.open': { ...submitted, stage: 'merge-gate' },
    'web.damaged': { ...submitted, stage: 'done', damage: {} },
  };
  const final: string[] = [];
  const { upkeep } = bed(async ({ isFinal }) => {
    for (const id of [...Object.keys(tasks), 'web.unknown']) if (await isFinal(id)) final.push(id);
  }, tasks);
  upkeep.taskEnded(PROJECT);
  await upkeep.settled();
  expect(final).toEqual(['web.done', 'web.cancelled']);
});
