import fc from 'fast-check';
import { checkStream } from '../../../src/application/audit/record-check';
import { CHAIN_START, toNewEvents } from '../../../src/application/envelope';
import { KnownDamage } from '../../../src/application/known-damage';
import { LogIdentity } from '../../../src/application/log-identity';
import type { EventStore, StoredEvent } from '../../../src/application/ports/event-store';
import { TaskLog } from '../../../src/application/task-log';
import type { JsonObject } from '../../../src/domain/json';
import { findUnportable, isPlainObject } from '../../../src/infrastructure/event-stores/portable-json';
import { IN_MEMORY, openReadModels } from '../../../src/infrastructure/read-models/open-read-models';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';
import { CryptoIds } from '../../../src/infrastructure/system/crypto-ids';
import { SystemClock } from '../../../src/infrastructure/system/system-clock';
import { ProjectionRunner } from '../../../src/projections/projection-runner';
import { PROJECTIONS } from '../../../src/projections/projections';
import { getQueue } from '../../../src/projections/queue/get-queue.query';
import { getTask } from '../../../src/projections/queue/get-task.query';
import { ReadModels } from '../../../src/projections/read-models';
import { getTaskEvents } from '../../../src/projections/task/get-task-events.query';
import { oddJson, SAMPLES } from '../../support/odd-events';
import { NoProjects } from '../../projections/support/harness';
import { QuietLog } from '../../support/quiet-log';
import type { Subject } from '../support/adapter';

/** Of every type of event; the number and the seed of what is put in their places. */
const PER_TYPE = 4;
const SEED = 37;
const hasher = new NodeHasher();
const ids = new CryptoIds();

const BEGIN = SAMPLES.find(({ type }) => type === 'TaskSubmitted') as StoredEvent;

interface Odd {
  readonly type: string;
  readonly data: JsonObject;
}

/** Data that a store takes: what it cannot hold is refused when it is appended, and put there by hand only. */
const ODD: readonly Odd[] = SAMPLES.filter(({ stream }) => stream.startsWith('task-')).flatMap(({ type, data }) =>
  fc
    .sample(
      oddJson(data).filter((odd): odd is JsonObject => isPlainObject(odd) && findUnportable(odd) === null),
      { seed: SEED, numRuns: PER_TYPE },
    )
    .map((odd) => ({ type, data: odd })),
);

export function oddEventsContract(subject: Subject): void {
  test('any data in place of an event’s is told, and hides nothing else', async () => {
    const { store } = subject;
    for (const [index, odd] of ODD.entries()) await write(store, `odd${index}`, odd);
    await write(store, 'good', { type: 'TaskAnnotated', data: { by: 'ann', text: 'fine' } });

    const log = new TaskLog(store, { hasher });
    const damaged = new Set<string>();
    for (const index of ODD.keys()) {
      const id = `web.odd${index}`;
      const { task } = await log.load(id);
      const damage = await checkStream(store, hasher, `task-${id}`);
      expect(task).toMatchObject({ kind: 'submitted', revision: 1n, damage });
      if (damage) damaged.add(id);
    }
    expect(damaged.size).toBeGreaterThan(ODD.length / 2);
    expect((await log.load('web.good')).task).toMatchObject({ damage: null });

    const db = await openReadModels(IN_MEMORY);
    const [identity, clock, out] = [new LogIdentity(store), new SystemClock(), new QuietLog()];
    const runner = new ProjectionRunner({ store, db, log: identity, clock, out }, PROJECTIONS);
    try {
      await runner.catchUp();
      const models = new ReadModels(db, identity);
      const deps = {
        models,
        store,
        clock,
        projects: new NoProjects(),
        damage: new KnownDamage({ store, hasher, out }),
      };
      const queue = await getQueue(deps, { limit: '500' });
      JSON.stringify(queue);
      expect(queue.damaged.count).toBe(damaged.size);
      for (const id of [...damaged].slice(0, 10)) {
        const view = await getTask(deps, id);
        expect(view?.entry.why).toMatchObject({ code: 'store-corrupt', blockedBy: `task-${id}` });
        JSON.stringify([view, await getTaskEvents(models, id)]);
      }
    } finally {
      await runner.stop();
      await db.destroy();
    }
  });
}

/** A task of its own, and behind its beginning the event. */
async function write(store: EventStore, key: string, odd: Odd): Promise<void> {
  const stream = `task-web.${key}`;
  const begin = { ...BEGIN.data, taskId: `web.${key}`, project: 'web' };
  const fields = {
    occurredAt: '2026-01-01T00:00:00.000Z',
    actor: 'ann',
    worker: 'w',
    correlationId: '',
    causationId: '',
    policyDigest: null,
  };
  const facts = [{ type: 'TaskSubmitted', data: begin }, odd];
  const made = toNewEvents(hasher, { stream, expected: 'no-stream', chain: CHAIN_START }, facts, {}, fields, (index) =>
    ids.eventId(stream, index),
  );
  await store.append(stream, 'no-stream', made.events);
}
