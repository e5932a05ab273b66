import type { TaskEvent } from '../../src/domain/task/task.events';
import { TASK_EVENT_VERSIONS } from '../../src/domain/task/task.events';
import type { LogEvent } from '../../src/projections/events/log-event';
import * as alert from '../../src/projections/queue/projectors/queue-alert.projector';
import { COUNTERS, counterOf, type Counter } from '../../src/projections/queue/projectors/queue-count.projector';
import * as queueTask from '../../src/projections/queue/projectors/queue-task.projector';
import * as run from '../../src/projections/runs/run.projector';
import { parseState, stateText } from '../../src/projections/events/state-text';
import { eventWords } from '../../src/projections/task/event-words';
import {
  BASE,
  claimed,
  deferred,
  HEAD,
  LANDING,
  MERGE_GATE,
  NEW,
  runRecord,
  STAGING,
  stagingGreen,
  submitted,
} from './support/scenario';

const AT = '2025-01-01T00:00:00.000Z';

function envelope(stream: string, revision: number, type: string) {
  const ids = { id: '', actor: 'ann', worker: 'w', correlationId: '', causationId: '', chain: '' };
  return {
    ...ids,
    stream,
    revision: BigInt(revision),
    type,
    version: 1,
    occurredAt: AT,
    recordedAt: AT,
    policyDigest: null,
  };
}

function ofTask(event: TaskEvent, revision = 0): LogEvent {
  const recorded = { ...event, envelope: envelope('task-web.a', revision, event.type) };
  return { of: 'task', taskId: 'web.a', project: 'web', event: recorded };
}

describe('runs', () => {
  const runAfter = (...events: readonly TaskEvent[]) =>
    events.reduce<run.Run | null>((row, event, at) => run.fold(row, ofTask(event, at)), null);

  test('a claim begins a run, keyed by its token', () => {
    const seen = ofTask(claimed(STAGING, 'r1'), 2);
    expect(run.keysOf(seen)).toEqual(['web.a@000000000002']);
    expect(run.fold(null, seen)).toMatchObject({ runId: 'r1', claim: '2', outcome: 'running', endedAt: null });
  });

  const rebase = { claim: '0', headOid: HEAD, baseOid: BASE, newOid: NEW, treeOid: BASE } as const;
  const retest = { claim: '0', newOid: NEW, baseOid: BASE, treeOid: BASE, run: runRecord('r') } as const;
  const endings: readonly [string, readonly TaskEvent[], Partial<run.Run>][] = [
    ['a green suite', stagingGreen('0', 'r'), { outcome: 'passed', exitCode: 0, durationMs: 5_000 }],
    ['a broken tool', deferred('0', AT), { outcome: 'tool-error', reason: 'spawn-failed', exitCode: null }],
    [
      'a conflict',
      [{ type: 'BranchRebased', data: { ...rebase, outcome: 'conflict', conflictPaths: ['a', 'b'] } }],
      { outcome: 'conflict', reason: 'a, b' },
    ],
    ['a red re-test', [{ type: 'RetestFinished', data: { ...retest, outcome: 'red' } }], { outcome: 'failed' }],
    [
      'nothing to land',
      [{ type: 'NothingToLand', data: { claim: '0', headOid: HEAD, baseOid: BASE } }],
      { outcome: 'nothing-to-land' },
    ],
    [
      'a landing',
      [{ type: 'TaskLanded', data: { claim: '0', newOid: NEW, baseOid: BASE, treeOid: BASE, recovered: false } }],
      { outcome: 'landed' },
    ],
    [
      'a lost landing',
      [{ type: 'LandingLost', data: { claim: '0', reason: 'main-moved', spends: null } }],
      { outcome: 'landing-lost' },
    ],
    ['a release', [{ type: 'ClaimReleased', data: { claim: '0', reason: 'shutdown' } }], { outcome: 'released' }],
    [
      'the reaper',
      [{ type: 'TransitionReaped', data: { claim: '0', job: STAGING, reason: 'deadline', retryAt: AT } }],
      { outcome: 'reaped' },
    ],
    ['a new head', [{ type: 'HeadMoved', data: { from: HEAD, to: NEW, voidedClaim: '0' } }], { outcome: 'voided' }],
  ];
  test.each(endings)('%s ends it', (_, events, expected) => {
    for (const event of events) {
      if ('claim' in event.data || event.type === 'HeadMoved')
        expect(run.keysOf(ofTask(event))).toEqual(['web.a@000000000000']);
    }
    const mine = events.filter((event) => run.keysOf(ofTask(event)).length > 0);
    expect(runAfter(claimed(STAGING, 'r'), ...mine)).toMatchObject({ ...expected, endedAt: AT });
  });

  test('a late result is counted and changes nothing', () => {
    const reaped = {
      type: 'TransitionReaped',
      data: { claim: '0', job: STAGING, reason: 'deadline', retryAt: AT },
    } as const;
    const late = {
      type: 'StaleResultRefused',
      data: { claim: '0', runId: 'r', worker: 'w', refused: 'ReportSuiteRun' },
    } as const;
    expect(runAfter(claimed(STAGING, 'r'), reaped, late)).toMatchObject({ outcome: 'reaped', refused: 1 });
  });
});

describe('alerts', () => {
  const raised: TaskEvent = { type: 'AlertRaised', data: { key: 'k', severity: 'critical', title: 't', detail: 'd' } };
  const acknowledged: TaskEvent = { type: 'AlertAcknowledged', data: { key: 'k', by: 'ann' } };

  test('one incident is one alert, acknowledged once', () => {
    const open = alert.fold(null, ofTask(raised));
    expect(open).toMatchObject({ state: 'raised', openSince: AT, acknowledgedBy: null });
    expect(alert.fold(open, ofTask(raised))).toBe(open);
    const seen = alert.fold(open, ofTask(acknowledged));
    expect(seen).toMatchObject({ state: 'acknowledged', openSince: AT, acknowledgedBy: 'ann', note: null });
    expect(alert.fold(seen, ofTask(acknowledged))).toBe(seen);
    expect(alert.fold(null, ofTask(acknowledged))).toBeNull();
  });

  test('is open until it is closed, and is not closed twice', () => {
    const closed: TaskEvent = { type: 'AlertClosed', data: { key: 'k', how: 'person', by: 'bob', note: 'done' } };
    const after = alert.fold(alert.fold(null, ofTask(raised)), ofTask(closed));
    expect(after).toMatchObject({ state: 'closed', openSince: null, closedBy: 'bob', note: 'done' });
    expect(alert.fold(after, ofTask(closed))).toBe(after);
    expect(alert.fold(after, ofTask(acknowledged))).toBe(after);
    expect(alert.fold(null, ofTask(closed))).toBeNull();
  });
});

describe('queue', () => {
  test('a task begins with its submission and with nothing else', () => {
    expect(queueTask.fold(null, ofTask({ type: 'TaskAnnotated', data: { by: 'ann', text: 'hm' } }))).toBeNull();
    expect(queueTask.fold(null, ofTask(submitted('web.a')[0]!))?.task.stage).toBe('created');
  });

  test('an event of a later program moves the revision only', () => {
    const row = queueTask.fold(null, ofTask(submitted('web.a')[0]!));
    const after = queueTask.fold(row, ofTask({ type: 'FromTheFuture', data: {} } as unknown as TaskEvent, 1));
    expect(after).toEqual({ ...row, task: { ...row?.task, revision: 1n } });
  });

  const counted: readonly [TaskEvent, Counter | null][] = [
    [stagingGreen('0', 'r')[0]!, 'staging_runner.executed'],
    [stagingGreen('0', 'r')[1]!, 'staging_runner.succeeded'],
    [deferred('0', AT)[0]!, 'staging_runner.toolErrors'],
    [deferred('0', AT)[1]!, 'staging_runner.deferred'],
    [claimed(MERGE_GATE, 'r'), 'transition_lease.claims'],
    [
      { type: 'TransitionReaped', data: { claim: '0', job: LANDING, reason: 'owner-dead', retryAt: AT } },
      'reaper.ownerDead',
    ],
    [{ type: 'TaskAnnotated', data: { by: 'ann', text: 'hm' } }, null],
  ];
  test.each(counted)('%j is counted where it belongs', (event, counter) => {
    expect(counterOf(ofTask(event))).toBe(counter);
    const [block, name] = (counter ?? 'agents.finished').split('.') as [keyof typeof COUNTERS, string];
    expect(COUNTERS[block]).toContain(name);
  });
});

test('a state survives being text, whatever order its members came in', () => {
  const state = { revision: 12n, task: { revision: -1n, b: 'revision', a: ['3n', null] } };
  expect(parseState(stateText(state))).toEqual(state);
  expect(stateText({ b: 1, a: { d: 2, c: undefined } })).toBe(stateText({ a: { d: 2 }, b: 1 }));
});

test('a state in order, which JSON writes, gives the text of one that is not', () => {
  const mixed = { b: ['ä "x"\n', { d: 1.5, c: null, e: undefined }], a: { B: false, A: [[], {}] }, 10: -0, 9: 'x' };
  const text = '{"10":0,"9":"x","a":{"A":[[],{}],"B":false},"b":["ä \\"x\\"\\n",{"c":null,"d":1.5}]}';
  expect(stateText(mixed)).toBe(text);
  expect(stateText(JSON.parse(text))).toBe(text);
  expect(stateText({ a: { A: 1, B: [undefined, 2] }, b: undefined })).toBe('{"a":{"A":1,"B":[null,2]}}');
});

test('every event has words of its own', () => {
  const any: unknown = new Proxy(
    {},
    {
      get: (_, name) =>
        name === 'run'
          ? runRecord('r')
          : name === 'conflictPaths' || name === 'paths' || name === 'markers'
            ? []
            : name === 'followed'
              ? { at: '/srv/web', left: [] }
              : name === 'failure'
                ? { evidence: [] }
                : name === 'job'
                  ? STAGING
                  : 'x',
    },
  );
  for (const type of Object.keys(TASK_EVENT_VERSIONS))
    expect(eventWords({ type, data: any } as TaskEvent)).not.toBe(type);
  expect(eventWords({ type: 'FromTheFuture', data: {} } as unknown as TaskEvent)).toBe('FromTheFuture');
});
