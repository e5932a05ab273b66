import { evolve } from '../../../../src/domain/task/evolve';
import { given, happened, START, type Given, type Line } from '../../../support/given-when-then';
import { ANN } from '../../../support/policies';
import {
  acknowledgeAlert,
  by,
  cancel,
  claim,
  closeAlert,
  forgery,
  observeHead,
  policy,
  release,
  retry,
  submittedForStaging,
  unclassified,
  infraFailed,
} from '../../../support/task-stories';

const HELD: Line = [submittedForStaging, claim('staging-suite'), forgery];
const KEY = keysIn(given(HELD))[0] ?? '';
const BOB = { ...ANN, name: 'bob' };
const SENT_BACK: Line = [
  policy({
    onInfraExhausted: 'rollback',
    budgets: { developer: 3, agent: 2, infra: 0, crash: 10, flake: 2, landing: 5 },
  }),
  submittedForStaging,
  claim('staging-suite'),
  infraFailed('no space left'),
];

function keysIn({ world }: Given): readonly string[] {
  return world.log.flatMap((event) => (event.type === 'AlertRaised' ? [event.data.key] : []));
}

describe('an alert is acknowledged', () => {
  test('with a note, and the task stays as it is but for that', () => {
    const { revision, alerts, ...rest } = given(HELD).task;
    expect(alerts).toEqual([{ key: KEY, state: 'raised', isOfHold: true, isOver: false }]);
    const { task } = given(HELD)
      .when(acknowledgeAlert(KEY, 'on it'))
      .then(happened('AlertAcknowledged', { key: KEY, by: 'ann', note: 'on it' }));
    expect(task).toEqual({ ...rest, revision: revision + 1n, alerts: [{ ...alerts[0], state: 'acknowledged' }] });
  });

  test('once: by whoever was first', () => {
    given(HELD).when(acknowledgeAlert(KEY)).again().thenNothing();
    given(HELD, acknowledgeAlert(KEY), by(BOB)).when(acknowledgeAlert(KEY, 'me too')).thenNothing();
  });

  test('not when it is closed, or was never raised', () => {
    given(HELD, closeAlert(KEY)).when(acknowledgeAlert(KEY)).thenRejected('alert-closed');
    given(HELD).when(acknowledgeAlert('web.WEB-1@999')).thenRejected('unknown-alert');
    given(submittedForStaging).when(closeAlert(KEY)).thenRejected('unknown-alert');
  });
});

describe('an alert is closed', () => {
  test('by a person, once, whatever the task does', () => {
    given(HELD)
      .when(closeAlert(KEY, 'known'))
      .then(happened('AlertClosed', { key: KEY, how: 'person', by: 'ann', note: 'known' }))
      .thenNext('await', 'held:forgery');
    given(HELD).when(closeAlert(KEY)).again().thenNothing();
  });

  test('by a release, which does not close it twice', () => {
    const events = given(HELD, acknowledgeAlert(KEY)).when(release).events;
    expect(events.filter(({ type }) => type === 'AlertClosed')).toEqual([
      { type: 'AlertClosed', data: { key: KEY, how: 'recovered', by: 'stagegate' } },
    ]);
    given(HELD, closeAlert(KEY)).when(release).then('TaskReleased');
    given(HELD, release).when(closeAlert(KEY)).thenNothing();
  });

  test('by the end of the task', () => {
    given(HELD)
      .when(cancel)
      .then('TaskCancelled', happened('AlertClosed', { key: KEY, how: 'recovered' }));
  });

  test('by a release that leads to the next alert: each incident has its own', () => {
    const again = given(HELD, release, claim('staging-suite'), unclassified);
    expect(new Set(keysIn(again)).size).toBe(2);
    expect(again.task.alerts.map(({ state }) => state)).toEqual(['closed', 'raised']);
  });

  test.each([
    ['another commit', observeHead()],
    ['a retry', retry],
  ])('of a task that infrastructure sent back, by %s', (_what, move) => {
    const [key] = keysIn(given(SENT_BACK));
    const { events } = given(SENT_BACK).when(move);
    expect(events.at(-1)).toEqual({ type: 'AlertClosed', data: { key, how: 'recovered', by: 'stagegate' } });
  });
});

describe('a log from before alerts were closed', () => {
  const old = given(HELD, release).world.log.filter(({ type }) => type !== 'AlertClosed');

  test('has its alerts closed by what is decided next', () => {
    const { log } = given(...old, claim('staging-suite')).world;
    expect(log.slice(-2)).toMatchObject([{ type: 'TransitionClaimed' }, { type: 'AlertClosed', data: { key: KEY } }]);
  });

  test('and by a person where nothing comes any more', () => {
    const cancelled = given(HELD, cancel).world.log.filter(({ type }) => type !== 'AlertClosed');
    given(...cancelled)
      .when(closeAlert(KEY))
      .then(happened('AlertClosed', { how: 'person' }));
  });
});

test('of those that are closed the newest ten are known by name', () => {
  const keys = Array.from({ length: 12 }, (_, index) => `web.WEB-1@${100 + index}`);
  const raisedAndClosed = keys.flatMap((key) => [
    { type: 'AlertRaised' as const, data: { key, severity: 'warning' as const, title: 't', detail: 'd' } },
    { type: 'AlertClosed' as const, data: { key, how: 'person' as const, by: 'ann' } },
  ]);
  const when = { at: START, policyDigest: null };
  const task = raisedAndClosed.reduce(
    (state, event) => evolve(state, event, when),
    given(submittedForStaging).world.task,
  );
  expect(task).toMatchObject({ alerts: keys.slice(2).map((key) => ({ key, state: 'closed' })) });
});
