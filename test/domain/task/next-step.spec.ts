import { plusMs } from '../../../src/domain/instant';
import { laneNeed } from '../../../src/domain/task/job';
import { laneJob, nextStep, wantsLane } from '../../../src/domain/task/next-step';
import type { Why } from '../../../src/domain/task/next/step';
import { explain } from '../../../src/domain/task/words/why';
import { isFinal } from '../../../src/domain/task/pipeline';
import type { Surroundings } from '../../../src/domain/task/task.commands';
import { initialTask } from '../../../src/domain/task/task.state';
import { contextOf, given, START, submittedOf, type Line } from '../../support/given-when-then';
import { agents, contextAt, OTHER_TASK, TASK } from '../../support/policies';
import {
  after,
  cancel,
  CANDIDATE,
  claim,
  conflicted,
  freshLane,
  hold,
  infraFailed,
  interrupted,
  landed,
  landing,
  landingLost,
  lane,
  MINUTE,
  nothingToLand,
  policy,
  readyToLand,
  reap,
  recovering,
  release,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
  switches,
  unclassified,
} from '../../support/task-stories';

const busyLane = lane({ holder: { taskId: OTHER_TASK, epoch: '9' }, nextInLine: null });
const otherFirst = lane({ holder: null, nextInLine: OTHER_TASK });
const freeLane = lane({ holder: null, nextInLine: null });
const staged = [submittedForStaging, claim('staging-suite')];
const rolledBack = [staged, suiteRan({ exitCode: 1 })];

/** Every way in which a task can stand still or move on, and what is said about it. */
const STANDINGS: readonly (readonly [name: string, story: Line, kind: string, why: Partial<Why>])[] = [
  [
    'a suite can start',
    submittedForStaging,
    'run',
    { code: 'ready', actor: 'runner', text: 'staging-suite can start' },
  ],
  [
    'an agent can start',
    [policy(agents('analyst')), submit()],
    'run',
    { code: 'ready', actor: 'agent', text: 'analyst can start' },
  ],
  ['the lane is free', [stagedGreen, freeLane], 'run', { code: 'ready', actor: 'runner' }],
  ['a job runs', staged, 'wait', { code: 'running', actor: 'runner', blockedBy: 'ann' }],
  [
    'an agent runs',
    [policy(agents('analyst')), submit(), claim('analyst')],
    'wait',
    { code: 'running', actor: 'agent' },
  ],
  ['a claim has run out', [staged, after(30 * MINUTE)], 'decide', { code: 'claim-expired', blockedBy: 'ann' }],
  ['a back-off', [staged, infraFailed()], 'wait', { code: 'deferred', actor: 'runner', blockedBy: 'timeout' }],
  ['the lane is held', [stagedGreen, busyLane], 'wait', { code: 'lane-busy', actor: 'queue', blockedBy: OTHER_TASK }],
  [
    'another one is first',
    [stagedGreen, otherFirst],
    'wait',
    { code: 'lane-queue', actor: 'queue', blockedBy: OTHER_TASK },
  ],
  [
    'a person holds it',
    [stagedGreen, hold],
    'await',
    { code: 'held:person', actor: 'person', text: 'held by ann: wait for the demo' },
  ],
  ['nothing explains it', [staged, unclassified], 'await', { code: 'held:unclassified', actor: 'person' }],
  [
    'no agent',
    submit(),
    'await',
    { code: 'no-agent:analyst', actor: 'person', text: 'no analyst agent is configured for web' },
  ],
  [
    'no developer',
    rolledBack,
    'await',
    {
      code: 'no-agent:developer',
      actor: 'person',
      text: 'staging-suite: the suite was red (red, exit code 1)',
      remedy: { task: TASK, branch: 'feature/queue', first: null, then: 'push', override: null },
      blockedBy: 'feature/queue',
    },
  ],
  [
    'no producer',
    [switches({ stagingRunner: false }), submittedForStaging],
    'await',
    { code: 'staging-switched-off', actor: 'person' },
  ],
  ['an interrupted landing', interrupted, 'run', { code: 'ready', text: 'landing-recovery can start' }],
  [
    'an interrupted landing and a busy lane',
    [landing, reap(), busyLane],
    'wait',
    { code: 'lane-busy', blockedBy: OTHER_TASK },
  ],
  ['a recovery backs off', [recovering, infraFailed()], 'wait', { code: 'deferred', actor: 'runner' }],
  ['a recovery is stuck', [recovering, unclassified], 'await', { code: 'held:unclassified', actor: 'person' }],
  ['landed', [landing, landed()], 'finished', { code: 'done', actor: 'nobody', text: `landed as ${CANDIDATE}` }],
  [
    'nothing to land',
    [stagedGreen, claim('merge-gate'), nothingToLand],
    'finished',
    { code: 'done', text: 'nothing to land: main has had every change' },
  ],
  ['cancelled', [stagedGreen, cancel], 'finished', { code: 'cancelled', actor: 'nobody', text: 'not needed' }],
  [
    'cancelled with nothing to land',
    [stagedGreen, claim('merge-gate'), hold, nothingToLand, cancel],
    'finished',
    { code: 'cancelled', text: 'not needed' },
  ],
];

describe('the next step', () => {
  test.each(STANDINGS)('is told with its reason: %s', (_name, story, kind, expected) => {
    const { next } = given(story);
    expect(next.kind).toBe(kind);
    expect(next.why).toMatchObject(expected);
  });

  test('says since when: the stage, the claim, the deferral or the hold', () => {
    const later = plusMs(START, MINUTE);
    expect(given(submittedForStaging, after(MINUTE)).next.why.since).toBe(START);
    expect(given(submittedForStaging, after(MINUTE), claim('staging-suite')).next.why.since).toBe(later);
    expect(given(staged, after(MINUTE), infraFailed()).next.why.since).toBe(later);
    expect(given(stagedGreen, after(MINUTE), hold, after(MINUTE)).next.why.since).toBe(later);
  });

  test('says until when, where it is known', () => {
    expect(given(staged).next).toMatchObject({ kind: 'wait', until: plusMs(START, 30 * MINUTE) });
    expect(given(staged, infraFailed()).next).toMatchObject({ kind: 'wait', until: plusMs(START, 22_500) });
    expect(given(stagedGreen, busyLane).next).toMatchObject({ kind: 'wait', until: null });
  });

  test('of nothing is to ask a person', () => {
    const { policy: rules, surroundings } = contextAt(START);
    expect(nextStep(initialTask(), START, rules, surroundings)).toMatchObject({
      kind: 'await',
      why: { code: 'unknown-task' },
    });
  });

  test('is told of a look into the past too, where the intake gate was not yet evaluated', () => {
    const { world } = given(submittedForStaging);
    const [first] = world.log;
    if (!first) throw new Error('an empty log');
    expect(given(first).next).toMatchObject({ kind: 'await', why: { code: 'gate:intake' } });
  });

  test('a retry goes before a hold only where it says so: nothing runs while a person holds the task', () => {
    given(stagedGreen, hold, freeLane).thenNext('await', 'held:person');
    given(staged, infraFailed(), hold, after(60 * MINUTE)).thenNext('await', 'held:person');
  });
});

describe('a deferral', () => {
  const deferred = [stagedGreen, claim('merge-gate'), infraFailed()];

  test('is waited for by clocks that differ a little', () => {
    given(deferred, after(-MINUTE)).thenNext('wait', 'deferred');
  });

  test('ends when more is left of it than it ever was to last: the clock was set back', () => {
    given(deferred, after(-MINUTE - 1)).thenNext('run', 'merge-gate');
    given(deferred, after(-120 * MINUTE)).thenNext('run', 'merge-gate');
  });
});

describe('the lane is wanted', () => {
  test.each<[string, Line, boolean]>([
    ['while the merge gate is next or runs', stagedGreen, true],
    ['while the merge gate runs', [stagedGreen, claim('merge-gate')], true],
    ['while it runs and a person has put the task on hold', [stagedGreen, claim('merge-gate'), hold], true],
    ['until the landing', readyToLand, true],
    ['while it lands', landing, true],
    ['to find out about an interrupted landing', interrupted, true],
    ['after a landing that lost to another push', [landing, landingLost()], true],
    ['even if another task holds it now', [stagedGreen, busyLane], true],
    ['not by a staging suite', submittedForStaging, false],
    ['not by a staging suite that runs', staged, false],
    ['not during a back-off', [stagedGreen, claim('merge-gate'), infraFailed()], false],
    ['not during the back-off of a recovery', [recovering, infraFailed()], false],
    ['again after the back-off', [stagedGreen, claim('merge-gate'), infraFailed(), after(MINUTE)], true],
    ['not on hold', [stagedGreen, hold], false],
    ['not while a recovery is stuck', [recovering, unclassified], false],
    ['again when it is released', [recovering, unclassified, release, freshLane], true],
    ['not after a rollback', [stagedGreen, claim('merge-gate'), conflicted('a')], false],
    ['not at the end', [landing, landed()], false],
    ['not by a cancelled task', [stagedGreen, cancel], false],
  ])('%s', (_when, story, wanted) => {
    const { world } = given(story);
    const { policy: rules, surroundings } = contextOf(world);
    expect(wantsLane(world.task, world.at, rules, surroundings)).toBe(wanted);
  });

  test('not by a task that does not exist', () => {
    const { policy: rules, surroundings } = contextAt(START);
    expect(wantsLane(initialTask(), START, rules, surroundings)).toBe(false);
    expect(TASK).not.toBe(OTHER_TASK);
  });
});

describe('the place in line', () => {
  const whyOf = (story: Line, more: Partial<Surroundings>) => {
    const { world } = given(story);
    const { policy: rules, surroundings } = contextOf(world);
    return nextStep(world.task, world.at, rules, { ...surroundings, ...more }).why;
  };

  test('is told of the lane and of slots, where somebody knows it', () => {
    const holder = { taskId: OTHER_TASK, epoch: '9' };
    expect(whyOf(stagedGreen, { lane: { holder, nextInLine: null, ahead: 2 } }).text).toBe(
      `the lane of web is held by ${OTHER_TASK}; third in line`,
    );
    expect(whyOf(stagedGreen, { lane: { holder: null, nextInLine: OTHER_TASK, ahead: 1 } }).text).toBe(
      `${OTHER_TASK} is before this task in the lane of web; second in line`,
    );
    expect(whyOf(submittedForStaging, { aheadForSlot: 3 })).toMatchObject({
      code: 'ready',
      text: 'staging-suite waits for a free slot; fourth in line',
    });
  });

  test('of slots says nothing of a task that waits for something else', () => {
    const waiting = whyOf(stagedGreen, { lane: { holder: null, nextInLine: OTHER_TASK }, aheadForSlot: 3 });
    expect(waiting.text).toBe(`${OTHER_TASK} is before this task in the lane of web`);
  });
});

describe('the job that a task waits for the lane with', () => {
  /** What comes next when the task has the lane to itself and its deferral is over. */
  const undeferred = (story: Line) => {
    const { world } = given(story);
    const { policy: rules } = contextOf(world);
    const { surroundings } = contextAt(START);
    const task = { ...submittedOf(world.task), deferral: null };
    const alone = { ...surroundings, lane: { holder: { taskId: task.id, epoch: '9' }, nextInLine: null } };
    return { task, step: nextStep(task, world.at, rules, alone) };
  };

  const TO_LAND = ['a landing is next', readyToLand] as const;
  const stories = [...STANDINGS.map(([name, story]) => [name, story] as const), TO_LAND];

  test.each(stories)('is what comes next in the lane, where %s', (_name, story) => {
    const { task, step } = undeferred(story);
    const wanted = step.kind === 'run' && laneNeed(step.job) !== 'none' ? step.job : null;
    expect(laneJob(task)).toEqual(wanted);
    expect(laneJob(given(story).world.task)).toEqual(wanted);
  });

  test('is there in some of them, and none of a task that does not exist', () => {
    const kinds = stories.map(([, story]) => laneJob(given(story).world.task)?.kind);
    expect(new Set(kinds)).toEqual(new Set([undefined, 'merge-gate', 'landing', 'landing-recovery']));
    expect(laneJob(initialTask())).toBeNull();
  });
});

describe('a task that no process moves', () => {
  const abandonedStep = (story: Line) => {
    const { world } = given(story);
    const { policy: inForce, surroundings } = contextOf(world);
    return nextStep(world.task, world.at, inForce, { ...surroundings, isAbandoned: true });
  };

  test.each(STANDINGS.filter(([, , kind]) => kind !== 'await' && kind !== 'finished'))(
    'waits for a person where otherwise %s',
    (_name, story) => {
      expect(abandonedStep(story)).toMatchObject({ kind: 'await', why: { code: 'no-conductor', actor: 'person' } });
    },
  );

  test.each(STANDINGS.filter(([, , kind]) => kind === 'await' || kind === 'finished'))(
    'rests as before where %s',
    (_name, story, kind, why) => {
      expect(abandonedStep(story)).toMatchObject({ kind, why });
    },
  );
});

describe('a task whose branch is gone', () => {
  const goneStep = (story: Line) => {
    const { world } = given(story);
    const { policy: inForce, surroundings } = contextOf(world);
    const as = (isBranchGone: boolean) => nextStep(world.task, world.at, inForce, { ...surroundings, isBranchGone });
    return { before: as(false), step: as(true) };
  };

  test('is offered to nobody, and says what to do', () => {
    const { before, step } = goneStep(submit({ startStage: 'review' }));
    expect(explain(before).do).toContain('stagegate work take');
    expect(explain(step)).toMatchObject({
      status: 'blocked',
      code: 'branch-gone',
      text: 'the repository of web does not have branch feature/queue any more',
      do: 'push feature/queue again',
      next: 'do what is missing, or cancel the task',
    });
    expect(step).not.toHaveProperty('offer');
  });

  test.each(STANDINGS)(
    'is told of by whatever needs the branch itself, where nothing is offered: %s',
    (_name, story) => {
      const { before, step } = goneStep(story);
      if (before.kind === 'await' && before.offer) expect(step.why.code).toBe('branch-gone');
      else expect(step).toEqual(before);
    },
  );
});

describe('a task of a project that is set aside', () => {
  const setAside = { cause: 'expected a git repository at /srv/x, saw none', remedy: 'put it there', since: START };
  const asideStep = (story: Line) => {
    const { world } = given(story);
    const { policy: inForce, surroundings } = contextOf(world);
    return { task: world.task, step: nextStep(world.task, world.at, inForce, { ...surroundings, setAside }) };
  };

  test.each(STANDINGS)('waits for a person unless it is at its end, held or claimed: %s', (_name, story, kind, why) => {
    const { task, step } = asideStep(story);
    if (task.kind === 'submitted' && (task.claim || isFinal(task.stage))) expect(step).toMatchObject({ kind, why });
    else if (task.kind === 'submitted' && task.hold) expect(step.why.code).toMatch(/^held:/);
    else if (task.kind === 'submitted')
      expect(step).toMatchObject({
        kind: 'await',
        why: { code: 'project-set-aside', actor: 'person', since: START, blockedBy: task.project },
      });
  });

  test('says what is wrong and what to do, and gives up the lane', () => {
    const { world } = given(readyToLand);
    const { policy: inForce, surroundings } = contextOf(world);
    expect(wantsLane(world.task, world.at, inForce, surroundings)).toBe(true);
    expect(wantsLane(world.task, world.at, inForce, { ...surroundings, setAside })).toBe(false);
    const { step } = asideStep(readyToLand);
    expect(step.why.text).toContain('is set aside: expected a git repository at /srv/x, saw none');
    expect(step.why.remedy?.first).toBe('put it there');
  });
});
