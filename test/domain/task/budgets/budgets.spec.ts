import { backoffMs, DEFAULT_BACKOFF, DEFAULT_BUDGETS } from '../../../../src/domain/policy/project-policy';
import { given, type Line } from '../../../support/given-when-then';
import { agents } from '../../../support/policies';
import {
  agentDone,
  agentError,
  claim,
  freshLane,
  infraFailed,
  interrupted,
  landingLost,
  mergeable,
  observeHead,
  policy,
  reap,
  rebasedOnto,
  redSeen,
  release,
  repeat,
  retested,
  retry,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
} from '../../../support/task-stories';

const staffed = policy(agents('reviewer', 'developer', 'analyst'));
/** A red suite, and a commit that nobody has seen before. */
const reds = (from: number, count: number): Line =>
  Array.from({ length: count }, (_, index) => [
    claim('staging-suite'),
    suiteRan({ exitCode: 1 }),
    observeHead(String(from + index).padStart(40, '0')),
  ]);

/** What uses each budget up, from a fresh start and once more after its renewal. */
const EXHAUSTIONS: readonly (readonly [budget: string, begin: Line, lap: Line])[] = [
  ['developer', submittedForStaging, [reds(1, 3), claim('staging-suite'), suiteRan({ exitCode: 1 })]],
  ['agent', [staffed, submit({ startStage: 'review' })], repeat(3, claim('reviewer'), agentError('reviewer'))],
  ['infra', submittedForStaging, repeat(4, claim('staging-suite'), infraFailed())],
  ['crash', submittedForStaging, repeat(11, claim('staging-suite'), reap())],
  ['landing', stagedGreen, repeat(6, mergeable, claim('landing'), landingLost())],
  ['recovery', interrupted, repeat(4, freshLane, claim('landing-recovery'), infraFailed())],
];

function alerts(...story: readonly Line[]): string[] {
  return given(...story).world.log.flatMap((event) => (event.type === 'AlertRaised' ? [event.data.key] : []));
}

describe('an exhausted budget', () => {
  test.each(EXHAUSTIONS)('%s: holds the task with one alert, and says which budget it was', (budget, begin, lap) => {
    const { task } = given(begin, lap);
    expect(alerts(begin, lap)).toHaveLength(1);
    expect(task.hold?.budget?.budget).toBe(budget === 'recovery' ? 'infra' : budget);
  });

  test.each(EXHAUSTIONS)('%s: a release renews that budget and no other', (_budget, begin, lap) => {
    const held = given(begin, lap);
    const released = given(begin, lap, release);
    const renewed = `${held.task.hold?.budget?.budget}:${held.task.hold?.budget?.key}`;
    const rest = Object.entries(held.task.spent).filter(([id]) => id !== renewed);
    expect(Object.entries(released.task.spent)).toEqual(rest);
    released.thenTask({ hold: null });
  });

  test.each(EXHAUSTIONS.filter(([budget]) => budget !== 'recovery'))(
    '%s: a retry lifts the hold and renews the budget as well',
    (_budget, begin, lap) => {
      const { world, task } = given(begin, lap, retry);
      expect(world.log.slice(-8).map(({ type }) => type)).toEqual(
        expect.arrayContaining(['BudgetRenewed', 'VerdictVoided']),
      );
      expect(task.hold).toBeNull();
    },
  );

  test.each(EXHAUSTIONS.filter(([budget]) => budget !== 'developer'))(
    '%s: the second time is a new alert under a new key',
    (_budget, begin, lap) => {
      const keys = alerts(begin, lap, release, lap);
      expect(keys).toHaveLength(2);
      expect(new Set(keys).size).toBe(2);
    },
  );

  test('developer: the second time is a new alert under a new key', () => {
    const red = [claim('staging-suite'), suiteRan({ exitCode: 1 })];
    const story = [submittedForStaging, reds(1, 3), red, release, observeHead('9'.repeat(40)), reds(11, 3), red];
    expect(new Set(alerts(story)).size).toBe(2);
  });
});

describe('a budget is spent by its own kind of failure', () => {
  test.each<[string, Line, Record<string, number>]>([
    ['a red suite', [submittedForStaging, claim('staging-suite'), suiteRan({ exitCode: 1 })], { 'developer:task': 1 }],
    [
      'a red re-test',
      [stagedGreen, claim('merge-gate'), rebasedOnto(), redSeen(), retested({ exitCode: 1 })],
      { 'developer:task': 1 },
    ],
    [
      'a refused review',
      [staffed, submit({ startStage: 'review' }), claim('reviewer'), agentDone('reviewer', 'REQUEST_CHANGES')],
      { 'developer:task': 1 },
    ],
    [
      'an analysis that is not ready',
      [staffed, submit(), claim('analyst'), agentDone('analyst', 'NO')],
      { 'agent:analysis': 1 },
    ],
    [
      'an agent without a result',
      [staffed, submit({ startStage: 'review' }), claim('reviewer'), agentError('reviewer')],
      { 'agent:review': 1 },
    ],
    [
      'an agent that never started',
      [staffed, submit({ startStage: 'review' }), claim('reviewer'), infraFailed()],
      { 'infra:agent:reviewer': 1 },
    ],
    [
      'a timeout of the suite',
      [submittedForStaging, claim('staging-suite'), infraFailed()],
      { 'infra:staging-suite': 1 },
    ],
    ['a timeout of the re-test', [stagedGreen, claim('merge-gate'), infraFailed()], { 'infra:merge-gate': 1 }],
    ['a dead worker', [submittedForStaging, claim('staging-suite'), reap()], { 'crash:deploy-staging': 1 }],
    ['a lost landing', [stagedGreen, mergeable, claim('landing'), landingLost()], { 'landing:task': 1 }],
    ['a new head', [stagedGreen, observeHead()], {}],
  ])('%s', (_what, story, spent) => {
    expect(given(story).task.spent).toEqual(spent);
  });

  test('errors of an agent are forgotten once its stage was passed or it has answered', () => {
    const erring = [claim('reviewer'), agentError('reviewer')];
    const review = [staffed, submit({ startStage: 'review' })];
    expect(given(review, repeat(2, erring), claim('reviewer'), agentDone('reviewer', 'APPROVED')).task.spent).toEqual(
      {},
    );
    expect(
      given(review, repeat(2, erring), claim('reviewer'), agentDone('reviewer', 'REQUEST_CHANGES')).task.spent,
    ).toEqual({
      'developer:task': 1,
    });
  });
});

describe('the numbers', () => {
  test('are retries, and the defaults are these', () => {
    expect(DEFAULT_BUDGETS).toEqual({ developer: 3, agent: 2, infra: 3, crash: 10, landing: 5 });
    expect(DEFAULT_BACKOFF).toEqual({ baseMs: 30_000, maxMs: 600_000 });
  });

  test('a back-off lies between half and the whole of base times 2 to the power of the retry, and below its bound', () => {
    const at = (retry: number, random: number) => backoffMs(DEFAULT_BACKOFF, retry, random);
    expect([at(0, 0), at(0, 0.999999), at(1, 0), at(4, 0)]).toEqual([15_000, 30_000, 30_000, 240_000]);
    expect([at(5, 0), at(50, 0), at(5_000, 0.999999)]).toEqual([300_000, 300_000, 600_000]);
  });
});
