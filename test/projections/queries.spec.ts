import 'reflect-metadata';
import { tmpdir } from 'node:os';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface';
import { CqrsModule, QueryBus } from '@nestjs/cqrs';
import type { ArtifactStore } from '../../src/application/ports/artifact-store';
import { KnownDamage } from '../../src/application/known-damage';
import { openScratch } from '../../src/infrastructure/read-models/open-scratch';
import { LogIdentity } from '../../src/application/log-identity';
import { Past } from '../../src/projections/past/past';
import { ProjectionRunner } from '../../src/projections/following/projection-runner';
import { PROJECTIONS } from '../../src/projections/projections';
import { Views } from '../../src/projections/views';
import { QUERY_HANDLERS } from '../../src/projections/query-handlers';
import { GetQueue, GetWhy } from '../../src/projections/queue/queue.handlers';
import { QUEUE } from '../../src/projections/queue/queue.projection';
import { ReadModels } from '../../src/projections/read-models';
import { getRun, listRuns } from '../../src/projections/runs/list-runs.query';
import { getTaskEvents } from '../../src/projections/task/get-task-events.query';
import { GetTaskEvents } from '../../src/projections/task/task.handlers';
import { QuietLogger } from '../support/quiet-logger';
import { onEveryDatabase } from './support/databases';
import { ReadableLog } from './support/readable-log';
import { modelsOn, NoProjects, runnerDeps, TestClock, Workspace } from './support/harness';
import { LogWriter, T0 } from './support/log-writer';
import { claimed, STAGING, submitted, writeScenario } from './support/scenario';

const SILENT = Object.assign(new NestApplicationContextOptions(), { logger: false as const });
onEveryDatabase((database) => {
  const space = new Workspace(database);
  const store = new ReadableLog();
  let models: ReadModels;

  beforeAll(async () => {
    const log = new LogWriter(store);
    await writeScenario(log);
    await log.task('web.late', ...submitted('web.late'), claimed(STAGING, 'r9'), {
      type: 'TaskCancelled',
      data: { by: 'ann', reason: 'not needed' },
    });
    await log.task('web.held', { type: 'AlertAcknowledged', data: { key: 'web.held@2', by: 'ann' } });
    const db = await space.open();
    await new ProjectionRunner(runnerDeps(store, db), PROJECTIONS).catchUp();
    models = modelsOn(store, db);
  });
  afterAll(() => space.remove());

  describe('runs', () => {
    test('come latest first, page by page, none twice', async () => {
      const pages: string[][] = [];
      let cursor: string | null = null;
      do {
        const page = await listRuns(models, { limit: '2', cursor });
        pages.push(page.items.map(({ runId }) => runId));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(pages).toEqual([
        ['r9', 'r5'],
        ['r4', 'r3'],
        ['r2', 'r1'],
      ]);
    });

    test('can be asked for by task and job', async () => {
      const { items } = await listRuns(models, { taskId: 'web.gate', job: 'merge-gate', project: 'web' });
      expect(items.map(({ runId, outcome }) => [runId, outcome])).toEqual([['r5', 'running']]);
    });

    test('one that a cancelled task left behind does not run for ever', async () => {
      expect(await getRun(models, 'r9')).toMatchObject({ outcome: 'cancelled', endedAt: expect.any(String) as string });
      expect(await getRun(models, 'none')).toBeNull();
    });
  });

  test('a timeline is told in plain words, page by page', async () => {
    const first = await getTaskEvents({ models }, 'web.deferred', { limit: '3' });
    expect(first?.items.map(({ revision, text }) => `${revision} ${text}`)).toEqual([
      '0 ann submitted feature/web.deferred, to start at deploy-staging',
      '1 moved from created to deploy-staging',
      '2 worker-1 took staging-suite, until 2025-01-01T01:00:00.000Z at the latest',
    ]);
    const rest = await getTaskEvents({ models }, 'web.deferred', { cursor: first?.nextCursor });
    expect(rest?.items.map(({ type }) => type)).toEqual(['ToolErrored', 'RunDeferred']);
    expect(rest?.nextCursor).toBeNull();
    expect(await getTaskEvents({ models }, 'web.none')).toBeNull();
  });

  test('the query bus answers them too', async () => {
    const clock = new TestClock(() => T0);
    const log = new LogIdentity(store);
    const past = new Past({ store, log, clock, models, openScratch: () => openScratch(tmpdir()) }, QUEUE);
    // Nobody asks for one here.
    const artifacts = null as unknown as ArtifactStore;
    const damage = new KnownDamage({ store, hasher: null, logger: new QuietLogger() });
    @Module({
      imports: [CqrsModule.forRoot()],
      providers: [
        ...QUERY_HANDLERS,
        {
          provide: Views,
          useValue: new Views({ models, store, projects: new NoProjects(), clock, past, damage, artifacts }),
        },
      ],
    })
    class Reading {}
    const { position } = await store.last();
    const app = await NestFactory.createApplicationContext(Reading, SILENT);
    const bus = app.get(QueryBus);
    expect((await bus.execute(new GetQueue('*', { project: 'web' }))).finished.cancelled).toBe(2);
    expect((await bus.execute(new GetWhy('*', 'web.held')))?.code).toBe('held:person');
    expect((await bus.execute(new GetTaskEvents('*', 'web.held')))?.items).toHaveLength(5);
    const asOfThen = new GetQueue('*', { project: 'web' }, `${position.commit}`);
    expect((await bus.execute(asOfThen)).finished.cancelled).toBe(2);
    await app.close();
    await past.close();
  });
});
