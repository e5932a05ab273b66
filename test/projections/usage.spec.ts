import { getQueue } from '../../src/projections/queue/get-queue.query';
import { getTask } from '../../src/projections/queue/get-task.query';
import { ProjectionRunner } from '../../src/projections/following/projection-runner';
import { PROJECTIONS } from '../../src/projections/projections';
import type { ReadModels } from '../../src/projections/read-models';
import { getRun } from '../../src/projections/runs/list-runs.query';
import type { AgentRole } from '../../src/domain/task/pipeline';
import type { SaidOfUsage, TaskEvent } from '../../src/domain/task/task.events';
import { RUN } from '../support/task-stories';
import { onEveryDatabase } from './support/databases';
import { modelsOn, NoProjects, runnerDeps, TestClock, Workspace } from './support/harness';
import { LogWriter, T0 } from './support/log-writer';
import { ReadableLog } from './support/readable-log';
import { claimed, submitted } from './support/scenario';

const USAGE = { inputTokens: 1_000, outputTokens: 100, cachedTokens: 400, costUsd: 0.1, model: 'm' };

/** A claim at this revision of its stream, and how it ended. */
function agentRan(role: AgentRole, revision: number, said: SaidOfUsage, isError = false): readonly TaskEvent[] {
  const claim = String(revision);
  const run = { ...RUN, runId: `${role}-${revision}`, durationMs: 2_000 };
  const ended: TaskEvent = isError
    ? {
        type: 'AgentJobErrored',
        data: {
          claim,
          role,
          reason: 'no-artifact',
          detail: 'none',
          run,
          spends: null,
          retryAt: RUN.finishedAt,
          ...said,
        },
      }
    : { type: 'AgentJobFinished', data: { claim, role, run, headOid: null, cost: null, ...said } };
  return [claimed({ kind: 'agent', role }, run.runId), ended];
}

onEveryDatabase((database) => {
  const space = new Workspace(database);
  const store = new ReadableLog();
  let models: ReadModels;
  let runner: ProjectionRunner;

  beforeAll(async () => {
    const log = new LogWriter(store);
    const [first, ...rest] = submitted('web.T1');
    const described = { ...first, data: { ...first?.data, description: 'Halve it.\n' } } as TaskEvent;
    const db = await space.open();
    runner = new ProjectionRunner(runnerDeps(store, db), PROJECTIONS);
    models = modelsOn(store, db);
    await log.task('web.T1', described, ...rest, ...agentRan('reviewer', 2, { usage: USAGE }));
    await runner.catchUp();
    await log.task('web.T1', ...agentRan('reviewer', 4, { usage: { ...USAGE, costUsd: 0.2 } }, true));
    await log.task('web.T1', ...agentRan('tester', 6, { usageNote: 'expected whole JSON' }));
    await log.task('web.T2', ...submitted('web.T2'), ...agentRan('reviewer', 2, {}));
    await log.task('api.T1', ...submitted('api.T1'), ...agentRan('reviewer', 2, { usage: USAGE }));
    await runner.catchUp();
  });
  afterAll(() => space.remove());

  const deps = () => ({ models, store, projects: new NoProjects(), clock: new TestClock(() => T0) });
  const of = (role: AgentRole, runs: number, counted: number, factor: number, costUsd: number) => ({
    ...{ role, runs, counted, costUsd, durationMs: runs * 2_000 },
    ...{ inputTokens: factor * 1_000, outputTokens: factor * 100, cachedTokens: factor * 400 },
  });

  const shown = async () => ({
    task: (await getTask(deps(), 'web.T1'))?.usage,
    described: (await getTask(deps(), 'web.T1'))?.state.description,
    other: (await getTask(deps(), 'web.T2'))?.state.description,
    web: (await getQueue(deps(), { project: 'web' })).agents.roles,
    all: (await getQueue(deps())).agents.roles,
    run: (await getRun(models, 'reviewer-4'))?.agentUsage,
    note: (await getRun(models, 'tester-6'))?.agentUsageNote,
  });

  it('is summed by role and task, with what ended in an error, and a rebuild shows the same', async () => {
    const followed = await shown();
    expect(followed).toEqual({
      task: [of('reviewer', 2, 2, 2, 0.3), of('tester', 1, 0, 0, 0)],
      described: 'Halve it.\n',
      other: null,
      web: [of('reviewer', 3, 2, 2, 0.3), of('tester', 1, 0, 0, 0)],
      all: [of('reviewer', 4, 3, 3, 0.4), of('tester', 1, 0, 0, 0)],
      run: { ...USAGE, costUsd: 0.2 },
      note: 'expected whole JSON',
    });
    await runner.rebuild();
    expect(await shown()).toEqual(followed);
  });
});
