import { nextGate, owesGate } from '../../../src/domain/gates/exit-gates';
import { STAGE_TRANSITIONS, type GateName } from '../../../src/domain/task/pipeline';
import type { TaskEvent } from '../../../src/domain/task/task.events';
import { given, happened, nextOf, submittedOf, type Given, type Line } from '../../support/given-when-then';
import { seeded } from '../../simulation/random';
import { agents, POLICY } from '../../support/policies';
import {
  after,
  agentDone,
  claim,
  evaluateGates,
  hold,
  landed,
  landing,
  landingLost,
  lockBusy,
  mergeable,
  MINUTE,
  NEW_HEAD,
  observeHead,
  policy,
  readyToLand,
  rebasedOnto,
  release,
  retested,
  retry,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
} from '../../support/task-stories';

const UNCONFIGURED = ['check_tests_not_weakened', 'check_security', 'check_coverage', 'check_image_fresh'] as const;
const requiring = (...gates: readonly GateName[]) => policy({ requiredGates: gates });
const requiresNothing = requiring();
const answers = ({ world }: Given, name: GateName) =>
  world.log.filter((event) => event.type === 'GateEvaluated' && event.data.gate === name).length;

describe.each(UNCONFIGURED)('%s, required and not configured,', (gate) => {
  const held = given(requiring(gate), readyToLand);

  test('holds the task again after each release, with one alert each, and never lets it through', () => {
    let story = held.thenTask({ stage: 'deploy-staging', hold: { reason: 'gate' } });
    for (let round = 1; round <= 5; round += 1) {
      const before = story.world.log.length;
      story = story.when(release).accepted();
      const added = story.world.log.slice(before).map(({ type }) => type);
      expect(added).toEqual(['TaskReleased', 'GateEvaluated', 'TaskHeld', 'AlertRaised', 'AlertClosed']);
      story.thenTask({ stage: 'deploy-staging', hold: { reason: 'gate' } }).thenNext('await', 'held:gate');
    }
    expect(answers(story, gate)).toBe(6);
  });

  test('holds it after a hold of a person is lifted, and after a retry when the suite has run again', () => {
    given(requiring(gate), stagedGreen, claim('merge-gate'), rebasedOnto(), hold, retested())
      .when(release)
      .accepted()
      .thenTask({ hold: { reason: 'gate' } });
    held.when(retry).accepted().thenTask({ hold: null }).thenNext('run', 'staging-suite');
  });

  test('lets it through once the operator requires it no longer and a person has released it', () => {
    given(requiring(gate), readyToLand, requiresNothing)
      .thenNext('await', 'held:gate')
      .when(release)
      .accepted()
      .thenTask({ stage: 'deploy', hold: null })
      .thenNext('run', 'landing');
  });

  test('was not required when the task came to it, and is when it is about to land: held, main does not move', () => {
    const waiting = given(readyToLand, requiring(gate)).thenNext('decide', 'EvaluateGates');
    waiting.when(claim('landing')).thenRejected('not-the-next-step');
    const asked = waiting
      .when(evaluateGates)
      .then(
        happened('GateEvaluated', { gate, result: 'not-configured' }),
        happened('TaskHeld', { reason: 'gate' }),
        'AlertRaised',
      );
    asked.thenTask({ stage: 'deploy' }).thenNext('await', 'held:gate').when(evaluateGates).thenNothing();
    asked.when(release).then('TaskReleased', 'GateEvaluated', 'TaskHeld', 'AlertRaised', 'AlertClosed');
    given(asked.world.log, requiresNothing)
      .when(release)
      .then('TaskReleased', 'AlertClosed')
      .thenNext('run', 'landing');
  });

  test('that was not required before a landing was lost holds the task when it comes by again', () => {
    given(landing, landingLost(), requiring(gate), mergeable).thenTask({ hold: { reason: 'gate' } });
  });

  test('does not hold up the answer of git about a landing that is under way', () => {
    given(landing, requiring(gate))
      .when(landed())
      .accepted()
      .thenTask({ landed: { newOid: expect.any(String) as string } });
  });
});

test('a stricter policy is seen while the task waits for a lock before its landing', () => {
  given(readyToLand, claim('landing'), lockBusy, requiring('check_security'), after(MINUTE)).thenNext(
    'decide',
    'EvaluateGates',
  );
});

test('of two required gates the second one still holds when the first is required no longer', () => {
  given(requiring('check_security', 'check_coverage'), readyToLand, requiring('check_coverage'))
    .when(release)
    .then(
      'TaskReleased',
      happened('GateEvaluated', { gate: 'check_coverage' }),
      'TaskHeld',
      'AlertRaised',
      'AlertClosed',
    );
});

test('one that was passed over is asked again when it is required by the time of a release', () => {
  given(requiring('check_image_fresh'), readyToLand, requiring('check_security'))
    .when(release)
    .then(
      'TaskReleased',
      happened('GateEvaluated', { gate: 'check_security' }),
      'TaskHeld',
      'AlertRaised',
      'AlertClosed',
    );
});

const SKIPS = /skips gate check_review_approved.*enter at review or before/;

describe('a required gate of a stage that was skipped', () => {
  const roles = policy(agents('reviewer'));

  test('has the submission rejected, with the stage to enter at', () => {
    given(requiring('check_review_approved'))
      .when(submittedForStaging)
      .then(
        'TaskSubmitted',
        'GateEvaluated',
        happened('TaskRejected', { reason: expect.stringMatching(SKIPS) as string }),
      );
    given(roles, requiring('check_review_approved'))
      .when(submit({ startStage: 'review' }))
      .accepted();
  });

  test('holds a task that entered before it was required, and after each release', () => {
    const held = given(readyToLand, requiring('check_review_approved'))
      .when(evaluateGates)
      .then('TaskHeld', 'AlertRaised');
    held.thenTask({ stage: 'deploy', hold: { reason: 'gate', detail: expect.stringContaining('skipped') as string } });
    held.when(release).then('TaskReleased', 'TaskHeld', 'AlertRaised', 'AlertClosed');
  });

  test('counts when it passed, whatever came after it but another head', () => {
    const reviewed = [roles, submit({ startStage: 'review' }), claim('reviewer'), agentDone('reviewer', 'APPROVED')];
    const tested = [policy(agents('reviewer', 'tester')), claim('tester'), agentDone('tester', 'PASSED')];
    const ready = [reviewed, tested, requiring('check_review_approved'), claim('staging-suite')];
    const through = (story: Line) => given(ready, suiteRan(), story).task.gatesPassed.includes('check_review_approved');
    expect(through([])).toBe(true);
    expect(through(mergeable)).toBe(true);
    expect(through([mergeable, claim('landing'), landingLost()])).toBe(true);
    expect(through(retry)).toBe(true);
    expect(through(observeHead(NEW_HEAD))).toBe(false);
    given(ready, suiteRan(), mergeable).thenNext('run', 'landing');
  });
});

describe('logs of before', () => {
  const held = given(requiring('check_security'), readyToLand).world.log;

  test('that end with the hold fold to a task that a release does not let through', () => {
    given(requiring('check_security'), held)
      .when(release)
      .accepted()
      .thenTask({ hold: { reason: 'gate' } });
  });

  test('in which a release did let it through fold, and the task does not land while the gate is required', () => {
    const released: readonly TaskEvent[] = [
      { type: 'TaskReleased', data: { by: 'ann', reason: 'go on' } },
      evaluated('check_coverage'),
      evaluated('check_image_fresh'),
      { type: 'StageAdvanced', data: { from: 'deploy-staging', to: 'deploy' } },
    ];
    given(held, released).thenTask({ stage: 'deploy' }).thenNext('run', 'landing');
    given(held, released, requiring('check_security')).thenNext('decide', 'EvaluateGates');
  });
});

describe('whatever is required', () => {
  const random = seeded(0x9a7e);
  const gates = STAGE_TRANSITIONS.flatMap((row) => row.gates).filter((gate) => gate !== 'intake');
  const stories: readonly Line[] = [readyToLand, [landing, landingLost()], [readyToLand, retry], [stagedGreen, hold]];
  const worlds = stories.map((story) => given(story).world);

  test('2,000 draws: a landing is next only when every required gate before it has passed', () => {
    for (let draw = 0; draw < 2_000; draw += 1) {
      const requiredGates = gates.filter(() => random.chance(0.3));
      const world = { ...worlds[draw % worlds.length]!, around: { policy: { requiredGates } } };
      const task = submittedOf(world.task);
      const step = nextOf(world);
      const isAll = requiredGates.every((gate) => task.gatesPassed.includes(gate) || isAfterLanding(gate));
      if (step.kind === 'run' && step.job.kind === 'landing') expect(isAll).toBe(true);
      const inForce = { ...POLICY, requiredGates };
      const owed = owesGate(task, inForce, world.at);
      if (owed) expect(nextGate(task, inForce, world.at)).toBe(owed);
    }
  });
});

function isAfterLanding(gate: GateName): boolean {
  return gate === 'check_deploy_status' || gate === 'check_monitor_healthy';
}

function evaluated(gate: GateName): TaskEvent {
  const rule = { rule: gate, ruleVersion: 1, result: 'not-configured', reason: null, evidence: {} } as const;
  return { type: 'GateEvaluated', data: { gate, ...rule } };
}
