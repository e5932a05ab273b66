import { FIELDS } from '../../support/envelope-fields';
import { CHAIN_START, toNewEvents } from '../../../src/application/envelope';
import { AlertSink, RefusedForGood, type AlertMessage } from '../../../src/application/ports/alert-sink';
import type { StoredEvent } from '../../../src/application/ports/event-store';
import { AlertDelivery } from '../../../src/application/subscribers/alert-delivery';
import { ArtifactRendering } from '../../../src/application/subscribers/artifact-rendering';
import { TaskRepository } from '../../../src/application/task-repository';
import type { Fact } from '../../../src/domain/fact';
import { TASK_EVENT_VERSIONS } from '../../../src/domain/task/task.events';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';
import { CryptoIds } from '../../../src/infrastructure/system/crypto-ids';
import { SAMPLES } from '../../support/odd-events';
import { QuietLogger } from '../../support/quiet-logger';
import { batchOf, hasher, HurriedClock } from './support';

const sample = (type: string, more: object = {}): Fact<string, object> => {
  const found = SAMPLES.find((each) => each.type === type);
  if (!found) throw new Error(`no sample of ${type}`);
  return { type, data: { ...found.data, ...more } };
};
const verdict = (digest: string) => sample('VerdictRecorded', { artifact: { name: '08-staging.md', digest } });
const [OLD, NEW] = ['a'.repeat(64), 'b'.repeat(64)];
const FACTS = [
  sample('TaskSubmitted', { taskId: 'web.T1', project: 'web' }),
  sample('AlertRaised', { key: 'k' }),
  verdict(OLD),
  verdict(NEW),
  sample('RetestFinished', { artifact: { name: '15-retest-log.md', digest: 'd'.repeat(64) } }),
];

const store = new MemoryEventStore();
let events: readonly StoredEvent[];
/** A verdict with an artifact, of another project. */
let other: StoredEvent | undefined;
beforeAll(async () => {
  const at = { stream: 'task-web.T1', expected: 'no-stream', chain: CHAIN_START } as const;
  const id = (index: number) => new CryptoIds().eventId('handled', index);
  await store.append(at.stream, at.expected, toNewEvents(hasher, at, FACTS, TASK_EVENT_VERSIONS, FIELDS, id).events);
  events = await store.readStream(at.stream, { limit: 10 });
  const facts = [sample('TaskSubmitted', { taskId: 'api.T1', project: 'api' }), verdict('c'.repeat(64))];
  const beside = { ...at, stream: 'task-api.T1' };
  const besideId = (index: number) => new CryptoIds().eventId('beside', index);
  const made = toNewEvents(hasher, beside, facts, TASK_EVENT_VERSIONS, FIELDS, besideId);
  await store.append(beside.stream, at.expected, made.events);
  [, other] = await store.readStream(beside.stream, { limit: 10 });
});

describe('alerts', () => {
  class Sink extends AlertSink {
    readonly name = 'test';
    readonly sent: AlertMessage[] = [];
    isDown = false;

    send(alert: AlertMessage): Promise<string> {
      if (this.isDown) return Promise.reject(new Error('down'));
      this.sent.push(alert);
      return Promise.resolve('sent');
    }
  }

  test('are sent under their keys, and their keys are kept; what cannot be read asks for nothing', async () => {
    const sink = new Sink();
    const delivery = new AlertDelivery(sink);
    expect(delivery.name).toBe('alerts.test');
    const wanted = events.filter((event) => delivery.wants(event));
    expect(wanted.map(({ type }) => type)).toEqual(['AlertRaised']);
    const odd = { ...(wanted[0] as StoredEvent), data: { key: 5 } };
    const { batch, said } = batchOf([odd, ...wanted]);
    await delivery.handle(batch);
    expect(sink.sent).toEqual([expect.objectContaining({ key: 'k', task: 'web.T1' })]);
    expect(said).toEqual(['done', 'delivered k: sent']);
  });

  test('of a sink that is down come again, and those behind them are for the next batch', async () => {
    const sink = new Sink();
    sink.isDown = true;
    const [raised] = events.slice(1, 2);
    const { batch, said } = batchOf([raised, raised] as StoredEvent[]);
    await new AlertDelivery(sink).handle(batch);
    expect(said).toEqual(['later k: down', 'rest']);
  });

  test('that are refused for good are not sent again, and those behind them are', async () => {
    const sink = new Sink();
    jest.spyOn(sink, 'send').mockRejectedValueOnce(new RefusedForGood('410 Gone'));
    const [raised] = events.slice(1, 2);
    const { batch, said } = batchOf([raised, raised] as StoredEvent[]);
    await new AlertDelivery(sink).handle(batch);
    expect(said).toEqual(['refused k: 410 Gone', 'delivered k: sent']);
  });

  test('wait for the next batch where the time of this one is short', async () => {
    const sink = new Sink();
    const { batch, said } = batchOf(events.slice(1, 2), { hasTime: () => false });
    await new AlertDelivery(sink).handle(batch);
    expect([sink.sent, said]).toEqual([[], ['rest']]);
  });

  test('that are cut off are no fault of the sink', async () => {
    const sink = new Sink();
    sink.isDown = true;
    const { batch, said } = batchOf(events.slice(1, 2), { signal: AbortSignal.abort() });
    await expect(new AlertDelivery(sink).handle(batch)).rejects.toThrow('down');
    expect(said).toEqual([]);
  });
});

describe('artifacts', () => {
  function bed(publish: () => Promise<void> = () => Promise.resolve()) {
    const made: string[] = [];
    const logger = new QuietLogger();
    const artifacts = {
      ensureNamed: (_: string, { digest }: { digest: string }) => {
        made.push(`file ${digest.slice(0, 1)}`);
        return Promise.resolve({ kind: 'restored' });
      },
      get: () => Promise.resolve(Buffer.from('text')),
    };
    const git = {
      publishArtifacts: async (_: object, task: string, files: ReadonlyMap<string, string>) => {
        await publish();
        made.push(`publish ${task} ${[...files].join()}`);
      },
    };
    const projects = { get: (key: string) => (key === 'web' || key === 'api' ? { repository: {} } : null) };
    const deps = {
      tasks: new TaskRepository(store, { hasher }),
      artifacts,
      git,
      projects,
      logger,
      clock: new HurriedClock(),
    };
    const rendering = new ArtifactRendering(deps as unknown as ConstructorParameters<typeof ArtifactRendering>[0]);
    const handle = (due: readonly StoredEvent[], tries = 0) => rendering.handle(batchOf(due, { tries }).batch);
    return { rendering, handle, made, logger };
  }

  test('are put under their names, an older one never where a newer one belongs', async () => {
    const { rendering, handle, made } = bed();
    const wanted = events.filter((event) => rendering.wants(event));
    expect(wanted).toHaveLength(3);
    await handle(wanted);
    expect(made).toEqual([
      'file b',
      'publish web.T1 08-staging.md,text',
      'file d',
      'publish web.T1 15-retest-log.md,text',
    ]);
  });

  test('of a task that cannot be relied on are left alone', async () => {
    const { handle, made } = bed();
    const lone = { ...(events[2] as StoredEvent), stream: 'task-web.T9' };
    await handle([lone]);
    expect(made).toEqual([]);
  });

  test('wait for a repository that takes nothing, but keep those of others waiting for some tries only', async () => {
    const { handle, made, logger } = bed(() => Promise.reject(new Error('read-only')));
    await expect(handle(events.slice(3, 4), 0)).rejects.toThrow('read-only');
    expect(logger.warnings).toEqual([]);
    await handle(events.slice(3, 4), 5);
    expect(made).toEqual(['file b', 'file b']);
    expect(logger.warnings).toEqual(['an artifact is not published in its repository']);
  });

  test('wait for a repository that says nothing no longer than for one that refuses', async () => {
    const { handle, logger } = bed(() => new Promise(() => undefined));
    await expect(handle(events.slice(3, 4), 0)).rejects.toThrow(
      'web.T1: expected its repository to answer within 10 s',
    );
    await handle(events.slice(3, 4), 5);
    expect(logger.warnings).toEqual(['an artifact is not published in its repository']);
  });

  test('wait for the repository of one project as long as for that of the one before', async () => {
    const { handle, made, logger } = bed(() => Promise.reject(new Error('read-only')));
    await expect(handle([events[3] as StoredEvent, other as StoredEvent], 5)).rejects.toThrow('read-only');
    expect(logger.warnings).toEqual(['an artifact is not published in its repository']);
    expect(made).toEqual(['file b', 'file c']);
  });
});
