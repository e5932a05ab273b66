import fc from 'fast-check';
import { readLaneEvent, readLogEvent, readTaskEvent, whenOf } from '../../src/application/read-events';
import type { StoredEvent } from '../../src/application/ports/event-store';
import { foldStored, NOTHING_LOADED, type LoadedTask } from '../../src/application/task-repository';
import type { JsonObject } from '../../src/domain/json';
import { instant } from '../../src/domain/instant';
import { evolveLane, initialLane } from '../../src/domain/lane/lane.decider';
import { decide } from '../../src/domain/task/task.decider';
import { nextStep, wantsLane } from '../../src/domain/task/next-step';
import { explain } from '../../src/domain/task/words/why';
import { LANE_EVENT_VERSIONS } from '../../src/domain/lane/lane.events';
import { LANE_EVENT_SHAPES } from '../../src/domain/lane/lane.shapes';
import { POLICY_EVENT_VERSIONS } from '../../src/domain/policy/policy.events';
import { POLICY_EVENT_SHAPES } from '../../src/domain/policy/policy.shapes';
import { HOOK_EVENT_VERSIONS } from '../../src/domain/hooks/hook.events';
import { HOOK_EVENT_SHAPES } from '../../src/domain/hooks/hook.shapes';
import { SUBSCRIBER_EVENT_VERSIONS } from '../../src/domain/subscriber/subscriber.events';
import { SUBSCRIBER_EVENT_SHAPES } from '../../src/domain/subscriber/subscriber.shapes';
import { TASK_EVENT_VERSIONS } from '../../src/domain/task/task.events';
import { TASK_EVENT_SHAPES } from '../../src/domain/task/task.shapes';
import { PROJECTIONS } from '../../src/projections/projections';
import { readEvent } from '../../src/projections/events/read-event';
import { eventWords } from '../../src/projections/task/event-words';
import { contextAt, POLICY } from '../support/policies';
import { oddJson, SAMPLES } from '../support/odd-events';

/** 3,000 of each member, some 100,000 odd events in all. */
const RUNS = { numRuns: Number(process.env['STAGEGATE_SELFTEST_RUNS'] ?? 300), seed: 37 };
const NOW = instant(Date.UTC(2026, 5, 1));

const sampleOf = (type: string): StoredEvent => {
  const found = SAMPLES.find((sample) => sample.type === type);
  if (!found) throw new Error(`no sample of ${type}`);
  return found;
};
const BEGIN = sampleOf('TaskSubmitted');
const { taskId } = BEGIN.data as { taskId: string };

/** In the stream of one task, behind its beginning. */
const placed = (stored: StoredEvent, revision: bigint): StoredEvent => ({
  ...stored,
  stream: `task-${taskId}`,
  revision,
});
const isOfTask = ({ stream }: StoredEvent) => stream.startsWith('task-');

describe('every type that this program can write', () => {
  it.each([
    ['task', TASK_EVENT_VERSIONS, TASK_EVENT_SHAPES],
    ['lane', LANE_EVENT_VERSIONS, LANE_EVENT_SHAPES],
    ['policy', POLICY_EVENT_VERSIONS, POLICY_EVENT_SHAPES],
    ['subscriber', SUBSCRIBER_EVENT_VERSIONS, SUBSCRIBER_EVENT_SHAPES],
    ['webhook', HOOK_EVENT_VERSIONS, HOOK_EVENT_SHAPES],
  ] as const)('of a %s has a shape, and no other has one', (_, versions, shapes) => {
    expect(Object.keys(shapes).sort()).toEqual(Object.keys(versions).sort());
  });
});

describe('every sample', () => {
  it.each(SAMPLES.map((sample) => [sample.type, sample] as const))('%s is read as what it is', (type, sample) => {
    const read = isOfTask(sample)
      ? readTaskEvent(type === 'TaskSubmitted' ? sample : placed(sample, 1n))
      : sample.stream.startsWith('lane-')
        ? readLaneEvent(sample)
        : readLogEvent(sample);
    expect(read).toMatchObject({ type, data: sample.data });
  });
});

describe('what does not fit', () => {
  const damageOf = (stored: StoredEvent) => foldStored(foldStored(NOTHING_LOADED, BEGIN), stored).state;
  const claimed = placed(sampleOf('TransitionClaimed'), 1n);

  it.each<[string, StoredEvent, RegExp]>([
    [
      'data without members',
      { ...claimed, data: {} },
      /expected data as TransitionClaimed has it, saw another claimId/,
    ],
    ['another job', { ...claimed, data: { ...claimed.data, job: { kind: 'agent' } } }, /saw another job/],
    ['a later version', { ...claimed, meta: { ...claimed.meta, v: 2 } }, /expected version 1 or older, saw 2/],
    ['an unknown type', { ...claimed, type: 'TaskPaused' }, /expected a type that this version knows/],
    ['metadata of another program', { ...claimed, meta: {} }, /expected metadata of this program, saw another v/],
    ['what the store could not read', { ...claimed, fault: 'expected JSON, saw none' }, /expected JSON, saw none/],
    ['a second beginning', { ...BEGIN, revision: 1n }, /expected another type behind the beginning/],
    ['a gap', { ...claimed, revision: 2n }, /expected revision 1 of its stream, saw 2/],
  ])('%s damages its task, and nobody moves it', (_, stored, reason) => {
    const task = damageOf(stored);
    expect(task).toMatchObject({
      damage: { stream: `task-${taskId}`, revision: String(stored.revision) },
      claim: null,
    });
    if (task.kind !== 'submitted') throw new Error('no task');
    expect(task.damage?.reason).toMatch(reason);
    const context = contextAt(NOW);
    const step = nextStep(task, NOW, POLICY, context.surroundings);
    expect(step).toMatchObject({ kind: 'await', why: { code: 'store-corrupt', actor: 'person' } });
    expect(explain(step).text).toMatch(new RegExp(`^STORE_CORRUPT: task-${taskId} revision ${stored.revision} `));
    const hold = { type: 'HoldTask', data: { reason: '' } } as const;
    expect(decide(task, hold, context)).toMatchObject({ kind: 'reject', reason: 'store-corrupt' });
    expect(wantsLane(task, NOW, POLICY, context.surroundings)).toBe(false);
  });

  it('is where the record ends: what stands behind it changes nothing but the revision', () => {
    const odd = foldStored(foldStored(NOTHING_LOADED, BEGIN), { ...claimed, data: {} });
    const after = foldStored(odd, placed(sampleOf('TaskCancelled'), 2n));
    expect(after.state).toEqual({ ...odd.state, revision: 2n });
  });

  it('at the beginning leaves a task that is called as its stream is', () => {
    const { state: task } = foldStored(NOTHING_LOADED, { ...BEGIN, data: {} });
    expect(task).toMatchObject({
      id: taskId,
      title: taskId,
      stage: 'created',
      revision: 0n,
      damage: { revision: '0' },
    });
  });

  it('in a lane leaves it to nobody, in a policy stream keeps the project from new jobs', () => {
    const damage = { stream: 'lane-web', revision: '3', type: 'LaneGranted', reason: 'odd' };
    const lane = evolveLane(initialLane(), { type: 'Unreadable', data: damage }, NOW);
    expect(lane).toMatchObject({ grant: null, damage });
    const { state: task } = foldStored(NOTHING_LOADED, BEGIN);
    const context = contextAt(NOW);
    const run = nextStep(task, NOW, POLICY, {
      ...context.surroundings,
      policyDamage: { ...damage, stream: 'policy-web' },
    });
    expect(run.kind === 'run' ? run : run.why.code).not.toBe('ready');
  });
});

describe('any JSON in place of the data of any event', () => {
  const task = foldStored(NOTHING_LOADED, BEGIN);

  it.each(SAMPLES.map((sample) => [sample.type, sample] as const))('%s: ends nothing, and is told', (type, sample) => {
    const revision = type === 'TaskSubmitted' ? 0n : isOfTask(sample) ? 1n : 0n;
    const stored = isOfTask(sample) ? placed(sample, revision) : sample;
    fc.assert(
      fc.property(oddJson(sample.data), (data) => {
        live(type === 'TaskSubmitted' ? NOTHING_LOADED : task, { ...stored, data: data as JsonObject });
      }),
      RUNS,
    );
  });

  it.each(SAMPLES.map((sample) => [sample.type, sample] as const))('%s: nor of its metadata', (type, sample) => {
    const revision = type === 'TaskSubmitted' ? 0n : 1n;
    const stored = isOfTask(sample) ? placed(sample, revision) : sample;
    fc.assert(
      fc.property(oddJson(sample.meta), (meta) => {
        live(type === 'TaskSubmitted' ? NOTHING_LOADED : task, { ...stored, meta: meta as JsonObject });
      }),
      { ...RUNS, numRuns: RUNS.numRuns / 3 },
    );
  });
});

/** Everything that is done with an event when it comes: folded, projected, stored, read again, explained and put into words. */
function live(before: LoadedTask, stored: StoredEvent): void {
  // No projection is about it.
  if (/^(?:subscriber|access|webhook)-/.test(stored.stream)) return void readLogEvent(stored);
  const seen = readEvent(stored);
  if (seen === null) throw new Error('an event was dropped');
  for (const { tables } of PROJECTIONS)
    for (const table of tables)
      for (const key of table.keysOf(seen)) {
        const row = table.fold(null, seen, key);
        if (row === null) continue;
        const again = table.decode({ key, ...table.encode(row) });
        expect(Object.values(table.encode(again)).every(isCell)).toBe(true);
      }
  expect(typeof eventWords(isTask(stored) ? readTaskEvent(stored) : { type: 'Unreadable', data: DAMAGE })).toBe(
    'string',
  );
  if (isTask(stored)) liveTask(foldStored(before, stored));
  else if (stored.stream.startsWith('lane-')) evolveLane(initialLane(), readLaneEvent(stored), whenOf(stored).at);
  else readLogEvent(stored);
}

function liveTask({ state: task }: LoadedTask): void {
  if (task.kind === 'unknown') throw new Error('a task vanished');
  const context = contextAt(NOW);
  JSON.stringify(explain(nextStep(task, NOW, POLICY, context.surroundings)));
  wantsLane(task, NOW, POLICY, context.surroundings);
  const claim = task.claim?.token ?? '0';
  decide(task, { type: 'ReapTransition', data: { claim, reason: 'deadline' } }, context);
  decide(task, { type: 'CancelTask', data: { reason: '' } }, context);
}

const isTask = ({ stream }: StoredEvent) => stream.startsWith('task-');
const DAMAGE = { stream: '', revision: '0', type: '', reason: '' };
/** As both databases take it. */
const isCell = (cell: unknown) =>
  cell === null || (typeof cell === 'string' && !cell.includes('\u0000')) || Number.isSafeInteger(cell);
