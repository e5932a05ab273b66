import { checkStream } from '../../../src/application/audit/record-check';
import { KnownDamage } from '../../../src/application/known-damage';
import { LogIdentity } from '../../../src/application/log-identity';
import { TaskRepository } from '../../../src/application/task-repository';
import { IN_MEMORY, openReadModels } from '../../../src/infrastructure/read-models/open-read-models';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';
import { SystemClock } from '../../../src/infrastructure/system/system-clock';
import { ProjectionRunner } from '../../../src/projections/following/projection-runner';
import { PROJECTIONS } from '../../../src/projections/projections';
import { getQueue } from '../../../src/projections/queue/get-queue.query';
import { getTask } from '../../../src/projections/queue/get-task.query';
import { ReadModels } from '../../../src/projections/read-models';
import { getTaskEvents } from '../../../src/projections/task/get-task-events.query';
import { oddEvents, writeOdd } from '../../support/odd-events';
import { NoProjects } from '../../projections/support/harness';
import { QuietLogger } from '../../support/quiet-logger';
import type { Subject } from '../support/adapter';

/** Of every type of event; the number and the seed of what is put in their places. */
const PER_TYPE = 4;
const SEED = 37;
const hasher = new NodeHasher();

const ODD = oddEvents(PER_TYPE, SEED).filter(({ stream }) => stream.startsWith('task-'));

export function oddEventsContract(subject: Subject): void {
  test('any data in place of an event’s is told, and hides nothing else', async () => {
    const { store } = subject;
    for (const [index, odd] of ODD.entries()) await writeOdd(store, `odd${index}`, odd);
    await writeOdd(store, 'good', { type: 'TaskAnnotated', stream: 'task-', data: { by: 'ann', text: 'fine' } });

    const tasks = new TaskRepository(store, { hasher });
    const damaged = new Set<string>();
    for (const index of ODD.keys()) {
      const id = `web.odd${index}`;
      const { state: task } = await tasks.load(id);
      const damage = await checkStream(store, hasher, `task-${id}`);
      expect(task).toMatchObject({ kind: 'submitted', revision: 1n, damage });
      if (damage) damaged.add(id);
    }
    expect(damaged.size).toBeGreaterThan(ODD.length / 2);
    expect((await tasks.load('web.good')).state).toMatchObject({ damage: null });

    const db = await openReadModels(IN_MEMORY);
    const [identity, clock, logger] = [new LogIdentity(store), new SystemClock(), new QuietLogger()];
    const runner = new ProjectionRunner({ store, db, log: identity, clock, logger }, PROJECTIONS);
    try {
      await runner.catchUp();
      const models = new ReadModels(db, identity);
      const deps = {
        models,
        store,
        clock,
        projects: new NoProjects(),
        damage: new KnownDamage({ store, hasher, logger }),
      };
      const queue = await getQueue(deps, { limit: '500' });
      JSON.stringify(queue);
      expect(queue.damaged.count).toBe(damaged.size);
      for (const id of [...damaged].slice(0, 10)) {
        const view = await getTask(deps, id);
        expect(view?.entry.why).toMatchObject({ code: 'store-corrupt', blockedBy: `task-${id}` });
        JSON.stringify([view, await getTaskEvents(deps, id)]);
      }
    } finally {
      await runner.stop();
      await db.destroy();
    }
  });
}
