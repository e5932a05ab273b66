import type { LanePause } from '../../../src/domain/lane/pause';
import { plusMs } from '../../../src/domain/instant';
import { nextStep, wantsLane } from '../../../src/domain/task/next-step';
import { explain } from '../../../src/domain/task/words/why';
import type { Surroundings } from '../../../src/domain/task/task.commands';
import { contextOf, given, START, submittedOf, type Line } from '../../support/given-when-then';
import { OTHER_TASK, TASK } from '../../support/policies';
import {
  claim,
  deployed,
  deployBegun,
  deployNotStarted,
  evidenceFound,
  infraFailed,
  interrupted,
  landing,
  lane,
  lockBusy,
  mergeable,
  rebasedOnto,
  reap,
  redSeen,
  releaseClaim,
  retry,
  retested,
  stagedGreen,
  submittedForStaging,
  toDeploy,
} from '../../support/task-stories';

const MINUTE = 60_000;
const SINCE = plusMs(START, -5 * MINUTE);
const PAUSE: LanePause = {
  cause: 'infra-rate',
  runs: 6,
  failures: 5,
  tasks: 4,
  heldMs: 5 * MINUTE,
  from: plusMs(START, -30 * MINUTE),
  since: SINCE,
  restsSince: SINCE,
  cooldownMs: 10 * MINUTE,
  probeAt: plusMs(START, 5 * MINUTE),
  probe: null,
  alert: { revision: '4', state: 'raised' },
  failedProbes: 0,
  failedBy: [],
};
const holder = { taskId: TASK, epoch: '7' };

function next(story: Line, view: Surroundings['lane'], laneBreaker = true, laterMs = 0) {
  const { world } = given(story);
  const { policy, surroundings } = contextOf(world);
  const switches = { ...surroundings.switches, laneBreaker };
  return nextStep(world.task, plusMs(world.at, laterMs), policy, { ...surroundings, switches, lane: view });
}

describe('a task before a paused lane', () => {
  test('waits, and why says which breaker, on what figures, since when, and who resumes it', () => {
    const step = next(stagedGreen, { holder: null, nextInLine: null, pause: PAUSE, ahead: 1 });
    expect(step).toMatchObject({ kind: 'wait', until: PAUSE.probeAt });
    expect(explain(step)).toMatchObject({
      status: 'waiting',
      code: 'lane-paused',
      actor: 'queue',
      since: SINCE,
      text:
        `the lane of web is paused since ${SINCE}: 5 of 6 runs, of 4 tasks, failed by infrastructure since ` +
        `${PAUSE.from}; one task tries again at ${PAUSE.probeAt}; second in line`,
      next: 'it goes on when a run gets through the lane, or a person resumes it',
      do: 'put the machine right; stagegate lane resume web --reason "<why>" resumes at once',
    });
  });

  test('names the task that is trying', () => {
    const pause = { ...PAUSE, probe: '9' };
    const { why } = next(stagedGreen, { holder: { taskId: OTHER_TASK, epoch: '9' }, nextInLine: null, pause });
    expect(why).toMatchObject({ code: 'lane-paused', blockedBy: OTHER_TASK });
    expect(why.text).toContain(`${OTHER_TASK} is trying whether it works again`);
  });

  test('goes on when the cooldown is over, when it is the probe, and when the breaker is switched off', () => {
    const free = { holder: null, nextInLine: null, pause: PAUSE };
    expect(next(stagedGreen, free, true, 6 * MINUTE)).toMatchObject({ kind: 'run' });
    expect(next(stagedGreen, { holder, nextInLine: null, pause: { ...PAUSE, probe: '7' } })).toMatchObject({
      kind: 'run',
      job: { kind: 'merge-gate' },
    });
    expect(next(stagedGreen, free, false)).toMatchObject({ kind: 'run' });
  });

  test('has no use for a grant that is not the probe, so it lets go of it', () => {
    const view = { holder, nextInLine: null, pause: PAUSE };
    expect(next(stagedGreen, view, true, 6 * MINUTE)).toMatchObject({ kind: 'wait' });
    const { world } = given(stagedGreen);
    const { policy, surroundings } = contextOf(world);
    const wants = (pause: LanePause) =>
      wantsLane(world.task, world.at, policy, { ...surroundings, lane: { ...view, pause } });
    expect([wants(PAUSE), wants({ ...PAUSE, probe: '7' })]).toEqual([false, true]);
  });

  test.each([
    ['stages before the lane', submittedForStaging, 'run'],
    ['the question to git about an interrupted landing', interrupted, 'run'],
    ['a deploy', toDeploy, 'wait'],
  ] as const)('%s: %#', (_what, story, kind) => {
    expect(next(story, { holder: null, nextInLine: null, pause: PAUSE }).kind).toBe(kind);
  });
});

describe('a failure by infrastructure in a paused lane', () => {
  const probing = lane({ holder, nextInLine: null, pause: { ...PAUSE, probe: '7' } });
  const tried: Line = [stagedGreen, probing, claim('merge-gate')];

  test.each([
    ['may be cured by waiting', infraFailed()],
    ['is not', infraFailed('command_not_found', { failureClass: 'tool-error', retryable: false })],
  ])('spends nothing and holds nobody, where it %s', (_what, failed) => {
    const { world } = given(
      tried,
      Array.from({ length: 3 }).map(() => [failed, claimLater]),
    );
    const task = submittedOf(world.task);
    expect(task.hold).toBeNull();
    expect(task.spent).toEqual({});
  });

  const claimLater: Line = [
    { change: (world) => ({ ...world, at: plusMs(world.at, 60 * MINUTE) }) },
    claim('merge-gate'),
  ];
});

describe('what the lane is told of a run', () => {
  const told = (story: Line) => {
    const { laneRun, landed } = submittedOf(given(story).world.task);
    return landed === null ? (laneRun?.outcome ?? null) : 'landed';
  };
  const begun: Line = [stagedGreen, claim('merge-gate')];

  test.each([
    ['nothing, before it has ended', [begun], null],
    ['that a suite could not be run', [begun, infraFailed()], 'infra'],
    ['that the network was away', [begun, infraFailed('git', { failureClass: 'dependency-down' })], 'infra'],
    ['nothing of a lock', [begun, lockBusy], null],
    ['nothing of what no rule knows', [begun, infraFailed('odd', { failureClass: 'other' })], null],
    ['that a re-test was red', [begun, rebasedOnto(), redSeen(), retested({ exitCode: 1 })], 'judged'],
    ['that a re-test was green', [stagedGreen, mergeable], 'judged'],
    ['nothing of a staging suite', [submittedForStaging, claim('staging-suite'), infraFailed()], null],
    ['nothing of a landing that nobody knows of', [landing, infraFailed('git', { failureClass: 'lock-busy' })], null],
  ] as const)('%s', (_what, story, outcome) => {
    expect(told(story as Line)).toBe(outcome);
  });

  const deploys: Line = [toDeploy, claim('deploy')];
  test.each([
    ['could not begin', [deploys, infraFailed()], 'undeployed'],
    ['did not begin', [deploys, deployBegun, deployNotStarted], 'undeployed'],
    ['was cut short', [deploys, deployBegun, infraFailed()], 'landed'],
    ['was given back', [deploys, releaseClaim()], 'landed'],
    ['lost its worker', [deploys, deployBegun, reap()], 'landed'],
    ['failed', [deploys, deployBegun, deployed(1)], 'landed'],
  ] as const)('that it landed, whatever came of the deploy in the same stay: one that %s', (_what, story, outcome) => {
    expect(submittedOf(given(story as Line).world.task).laneRun?.outcome).toBe(outcome);
  });

  test('nothing of a deploy that another landing has made needless: nothing was run', () => {
    const again = lane({ holder: { taskId: TASK, epoch: '99' }, nextInLine: null });
    const stay: Line = [again, claim('deploy'), evidenceFound({ newer: OTHER_TASK })];
    const story: Line = [
      deploys,
      infraFailed(),
      { change: (world) => ({ ...world, at: plusMs(world.at, 60 * MINUTE) }) },
    ];
    expect(submittedOf(given(story, stay).world.task).laneRun).toBeNull();
    expect(submittedOf(given(deploys, evidenceFound({ newer: OTHER_TASK })).world.task).laneRun?.outcome).toBe(
      'landed',
    );
  });

  test('nothing of a deploy whose end nobody saw', () => {
    const again = lane({ holder: { taskId: TASK, epoch: '99' }, nextInLine: null });
    const story: Line = [deploys, deployBegun, infraFailed(), retry, again, claim('deploy'), deployBegun];
    expect(submittedOf(given(story, infraFailed()).world.task).laneRun).toBeNull();
    expect(submittedOf(given(story, deployed(1)).world.task).laneRun).toEqual({ epoch: '99', outcome: 'judged' });
  });

  test('of another stay what came of that one', () => {
    const again = lane({ holder: { taskId: TASK, epoch: '99' }, nextInLine: null });
    const story: Line = [
      deploys,
      infraFailed(),
      { change: (world) => ({ ...world, at: plusMs(world.at, 60 * MINUTE) }) },
    ];
    const { world } = given(story, again, claim('deploy'), infraFailed());
    expect(submittedOf(world.task).laneRun).toEqual({ epoch: '99', outcome: 'infra' });
  });
});
