import type { Project } from '../../src/application/projects';
import { ProjectionRunner } from '../../src/projections/following/projection-runner';
import { getWork } from '../../src/projections/queue/get-work.query';
import { QUEUE } from '../../src/projections/queue/queue.projection';
import { modelsOn, NoProjects, runnerDeps, TestClock, Workspace } from './support/harness';
import { LogWriter } from './support/log-writer';
import { ReadableLog } from './support/readable-log';
import { HEAD, policyOf } from './support/scenario';

class SomeProjects extends NoProjects {
  override get(project = ''): Project {
    return { policy: policyOf(project), repository: { path: `/srv/${project}.git` } } as Project;
  }
}

const space = new Workspace();
afterAll(() => space.remove());

test('whoever may work in one project sees its work, however much there is in others', async () => {
  const store = new ReadableLog();
  const log = new LogWriter(store);
  for (let index = 0; index < 201; index += 1) await log.task(`web.${index}`, ...atReview(`web.${index}`, 9));
  await log.task('api.last', ...atReview('api.last', 1));
  const db = await space.open();
  await new ProjectionRunner(runnerDeps(store, db), [QUEUE]).catchUp();
  const deps = {
    models: modelsOn(store, db),
    store,
    projects: new SomeProjects(),
    clock: new TestClock(() => log.nowMs),
  };
  const tasks = async (within?: readonly string[]) =>
    (await getWork(deps, { role: 'reviewer', ...(within && { within }) })).items.map(({ task }) => task);
  expect(await tasks()).not.toContain('api.last');
  expect(await tasks(['api'])).toEqual(['api.last']);
  expect(await tasks(['gone', 'api'])).toEqual(['api.last']);
  expect(await tasks([])).toEqual([]);
});

function atReview(taskId: string, priority: number) {
  const [project = ''] = taskId.split('.');
  const about = { title: taskId, branch: taskId, headOid: HEAD, startStage: 'review', submittedBy: 'ann' } as const;
  return [
    { type: 'TaskSubmitted', data: { taskId, project, priority, ...about } },
    { type: 'StageAdvanced', data: { from: 'created', to: 'review' } },
  ] as const;
}
