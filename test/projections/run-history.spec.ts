import { LogIdentity } from '../../src/application/log-identity';
import { ProjectionRunner } from '../../src/projections/following/projection-runner';
import { PROJECTIONS } from '../../src/projections/projections';
import { ReadModels } from '../../src/projections/read-models';
import { RunHistory } from '../../src/projections/runs/run-history';
import type { TaskEvent } from '../../src/domain/task/task.events';
import { modelsOn, runnerDeps, Workspace } from './support/harness';
import { LogWriter } from './support/log-writer';
import { onEveryDatabase } from './support/databases';
import { ReadableLog } from './support/readable-log';
import { claimed, runRecord, STAGING, stagingGreen, submitted } from './support/scenario';

onEveryDatabase((database) => {
  const space = new Workspace(database);
  afterAll(() => space.remove());

  /** A task whose staging run took that long on that many cores. */
  async function greenRun(log: LogWriter, task: string, durationMs: number, ownCores: number): Promise<void> {
    const run = { ...runRecord(`run-${task}`), durationMs, usage: { ownCores } };
    const [executed, ...rest] = stagingGreen('2', run.runId);
    const measured = { ...executed, data: { ...executed!.data, run } } as TaskEvent;
    await log.task(task, ...submitted(task), claimed(STAGING, run.runId), measured, ...rest);
  }

  test('a baseline is the median of recent green runs of the same project and job, once there are three', async () => {
    const store = new ReadableLog();
    const log = new LogWriter(store);
    const db = await space.open();
    const runner = new ProjectionRunner(runnerDeps(store, db), PROJECTIONS);
    const history = new RunHistory(modelsOn(store, db));
    expect(await history.baseline('web', 'staging-suite')).toBeNull();

    await greenRun(log, 'web.a', 5_000, 1);
    await greenRun(log, 'web.b', 7_000, 1.5);
    await runner.catchUp();
    expect(await history.baseline('web', 'staging-suite')).toBeNull();

    await greenRun(log, 'web.c', 60_000, 0.2);
    await greenRun(log, 'other.a', 1, 9);
    await runner.catchUp();
    expect(await history.baseline('web', 'staging-suite')).toEqual({ wallMs: 7_000, ownCores: 1 });
    expect(await history.baseline('web', 'merge-gate')).toBeNull();
    expect(await history.baseline('other', 'staging-suite')).toBeNull();
  });

  test('a read model that cannot be read is no reason to fail a run', async () => {
    class Locked extends ReadModels {
      override readIfBuilt(): Promise<never> {
        return Promise.reject(new Error('database is locked'));
      }
    }
    expect(
      await new RunHistory(new Locked(await space.open(), new LogIdentity(new ReadableLog()))).baseline(
        'web',
        'staging-suite',
      ),
    ).toBeNull();
  });
});
