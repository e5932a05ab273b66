import type { LogEvent } from '../../src/projections/events/log-event';
import { fold, keysOf } from '../../src/projections/queue/projectors/queue-flake.projector';
import { QUEUE_FLAKE } from '../../src/projections/queue/queue.projection';
import type { TaskEvent } from '../../src/domain/task/task.events';
import { MERGED_TREE, RUN, SUITE_DIGEST } from '../support/task-stories';

function seen(event: TaskEvent, second: number): LogEvent {
  const occurredAt = `2026-01-05T08:00:0${second}.000Z`;
  const envelope = { revision: 1n, occurredAt, actor: 'stagegate', worker: 'w', policyDigest: null };
  return { of: 'task', taskId: 'web.T1', project: 'web', event: { ...event, envelope } };
}

function retested(runId: string, second: number, data: object = {}): LogEvent {
  const tested = { claim: '4', newOid: 'c', baseOid: 'b', treeOid: MERGED_TREE, suiteDigest: SUITE_DIGEST };
  const before = { colour: 'red' as const, runId: 'first' };
  const finished = { ...tested, outcome: 'inconclusive' as const, run: { ...RUN, runId }, before, ...data };
  return seen({ type: 'RetestFinished', data: finished }, second);
}

test('a tree that was red and green has a row, with the runs; what was found again is counted there', () => {
  const once = retested('second', 1);
  const again = retested('third', 2, { before: { colour: 'green', runId: 'second' } });
  expect(keysOf(once)).toEqual([`web ${SUITE_DIGEST} ${MERGED_TREE}`]);
  expect(keysOf(again)).toEqual(keysOf(once));
  const row = fold(fold(null, once), again);
  expect(row).toMatchObject({ project: 'web', taskId: 'web.T1', times: 2, tests: [] });
  expect(row?.seen.map(({ colour, runId }) => `${colour} ${runId}`)).toEqual([
    'red first',
    'green second',
    'red third',
  ]);
  expect(row && QUEUE_FLAKE.decode(QUEUE_FLAKE.encode(row))).toEqual(row);
});

test('tests that reports named are counted by the red runs in which they failed', () => {
  const tests = {
    executed: 2,
    passed: 1,
    failed: 1,
    skipped: 0,
    how: 'junit',
    blocks: 1,
    rules: ['junit-xml@1'],
  } as const;
  const before = { colour: 'red', runId: 'first', failed: ['Web > a', 'Web > b'] } as const;
  const red = { ...RUN, runId: 'third', exitCode: 1, tests: { ...tests, failedNames: ['Web > b'] } };
  const once = fold(null, retested('second', 1, { before }));
  const twice = fold(once, retested('third', 2, { before: { colour: 'green', runId: 'second' }, run: red }));
  expect(twice?.tests).toEqual([
    { name: 'Web > a', times: 1 },
    { name: 'Web > b', times: 2 },
  ]);
});

test('a row keeps the latest runs only', () => {
  const events = Array.from({ length: 30 }, (_, index) => retested(`r${index}`, 1));
  const row = events.reduce<ReturnType<typeof fold>>(fold, null);
  expect(row?.times).toBe(30);
  expect(row?.seen).toHaveLength(20);
  expect(row?.seen.at(-1)?.runId).toBe('r29');
});

test('so has a suite of a stage; one colour, and what does not say of which runs, has none', () => {
  const verdict = {
    ...({ stage: 'deploy-staging', status: 'FAILED', passed: false, runId: 'second', claim: '4' } as const),
    subjectOid: null,
    ...({
      treeOid: MERGED_TREE,
      baseOid: null,
      suiteDigest: SUITE_DIGEST,
      environmentDigest: null,
      artifact: null,
    } as const),
    ...({ producer: 'staging-runner', source: 'runner', before: { colour: 'red', runId: 'first' } } as const),
  } as const;
  expect(keysOf(seen({ type: 'VerdictRecorded', data: { ...verdict, cause: 'inconclusive' } }, 1))).toHaveLength(1);
  expect(keysOf(seen({ type: 'VerdictRecorded', data: { ...verdict, cause: 'infra-exhausted' } }, 1))).toEqual([]);
  expect(keysOf(retested('second', 1, { outcome: 'red' }))).toEqual([]);
  expect(keysOf(retested('second', 1, { before: undefined }))).toEqual([]);
});
