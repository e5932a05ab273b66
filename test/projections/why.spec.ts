import type { NextActor, Step, Why } from '../../src/domain/task/next/step';
import { explain, explanationLines } from '../../src/domain/task/words/why';
import { STAGING } from './support/scenario';

const SINCE = '2025-01-01T00:00:00.000Z';
const UNTIL = '2025-01-01T00:10:00.000Z';

function why(code: string, actor: NextActor): Why {
  return { code, text: `because of ${code}`, actor, since: SINCE, blockedBy: null, failure: null, remedy: null };
}

const steps: readonly [string, Step, object][] = [
  [
    'a job that can start waits for the queue',
    { kind: 'run', job: STAGING, why: why('ready', 'runner') },
    { status: 'ready', actor: 'queue' },
  ],
  [
    'a running job has a last moment',
    { kind: 'wait', until: UNTIL, why: why('running', 'runner') },
    { status: 'running', actor: 'runner', until: UNTIL },
  ],
  [
    'a deferred job has a next try',
    { kind: 'wait', until: UNTIL, why: why('deferred', 'runner') },
    { status: 'deferred', until: UNTIL },
  ],
  [
    'a taken lane has no known end',
    { kind: 'wait', until: null, why: why('lane-busy', 'queue') },
    { status: 'waiting', until: null },
  ],
  [
    'a hold waits for a person',
    { kind: 'await', why: why('held:person', 'person') },
    { status: 'held', actor: 'person' },
  ],
  [
    'missing evidence comes from outside',
    { kind: 'await', why: why('gate:check_ci_green', 'outside') },
    { status: 'blocked', actor: 'outside' },
  ],
  ['the end is the end', { kind: 'finished', why: why('done', 'nobody') }, { status: 'finished', actor: 'nobody' }],
];

test.each(steps)('%s', (_, step, expected) => {
  const explanation = explain(step);
  expect(explanation).toMatchObject({ code: step.why.code, text: step.why.text, since: SINCE, ...expected });
  expect(explanation.next).not.toBe('');
});

test('labelled lines say all of it', () => {
  expect(explanationLines(explain({ kind: 'wait', until: UNTIL, why: why('deferred', 'runner') }))).toEqual([
    ['status', 'deferred'],
    ['cause', 'because of deferred'],
    ['since', SINCE],
    ['until', UNTIL],
    ['next', 'runner: it is tried again'],
  ]);
});
