import fc from 'fast-check';
import { shadowOf } from '../../../../src/domain/task/shadow';
import { suiteJobOf } from '../../../../src/domain/task/job';
import { SHADOW_STAGES } from '../../../../src/domain/policy/project-policy';
import { AGENT_ROLES, rowOf, STAGE_TRANSITIONS } from '../../../../src/domain/task/pipeline';
import type { TaskEvent } from '../../../../src/domain/task/task.events';
import {
  contextOf,
  given,
  happened,
  nextOf,
  NEW_WORLD,
  tell,
  type Given,
  type Line,
  type World,
} from '../../../support/given-when-then';
import { agents, EVERY_AGENT, POLICY } from '../../../support/policies';
import { shadowRan } from '../../../support/shadow-story';
import {
  after,
  agentDone,
  agentError,
  cancel,
  claim,
  HEAD,
  hold,
  infraFailed,
  interrupted,
  landed,
  mergeable,
  MINUTE,
  NEW_HEAD,
  observeHead,
  override,
  policy,
  readyToLand,
  reap,
  release,
  repeat,
  stagedGreen,
  submittedAt,
  submittedForStaging,
  suiteRan,
  switches,
} from '../../../support/task-stories';

const BOTH = policy({ ...EVERY_AGENT, testing: POLICY.staging, shadow: ['testing', 'deploy-staging'] });
const OFF = switches({ stagingRunner: false, testRunner: false });
const deploying: Line = [BOTH, OFF, submittedForStaging, claim('deployer')];

function shadowIn({ world, task }: Given) {
  if (!task.claim) throw new Error('nothing is claimed');
  const { policy: inForce, surroundings } = contextOf(world);
  return shadowOf(task, task.claim, inForce, surroundings.switches);
}

describe('what runs beside an agent', () => {
  test('the suite of the stage, where the project asks for it and the runner is switched off', () => {
    expect(shadowIn(given(deploying))).toMatchObject({ kind: 'staging-suite', verdict: { stage: 'deploy-staging' } });
    expect(shadowIn(given(BOTH, OFF, submittedAt('testing'), claim('tester')))).toMatchObject({
      kind: 'testing-suite',
    });
  });

  test.each<readonly [string, Given]>([
    ['nobody asks for it', given(policy(agents('deployer')), OFF, submittedForStaging, claim('deployer'))],
    ['another stage has one', given(deploying, policy({ shadow: ['testing'] }))],
    ['the agent has no runner in its place', given(BOTH, OFF, submittedAt('review'), claim('reviewer'))],
    ['the runner is switched on meanwhile', given(deploying, switches({ stagingRunner: true }))],
    ['the runner has the stage', given(BOTH, submittedForStaging, claim('staging-suite'))],
    [
      'the tester is the producer, as there is no suite',
      given(policy({ ...EVERY_AGENT, shadow: ['testing'] }), OFF, submittedAt('testing'), claim('tester')),
    ],
    ['it is known for this commit', given(deploying, shadowRan())],
  ])('nothing, where %s', (_what, there) => {
    expect(shadowIn(there)).toBeNull();
  });

  test('once more when it was not executed, or the commit is another one', () => {
    expect(shadowIn(given(deploying, shadowRan({ status: null })))).not.toBeNull();
    expect(shadowIn(given(deploying, shadowRan({ headOid: NEW_HEAD })))).not.toBeNull();
  });

  test('every stage with a runner and a stand-in can have one, and no other', () => {
    const able = STAGE_TRANSITIONS.filter(({ stage, fallback }) => fallback !== null && suiteJobOf(stage) !== null);
    expect(able.map(({ stage }) => stage)).toEqual(SHADOW_STAGES);
    for (const stage of SHADOW_STAGES) expect(AGENT_ROLES).toContain(rowOf(stage).fallback);
  });
});

describe('what it comes to', () => {
  test('is a fact, while the agent still works and after everything is over', () => {
    given(deploying)
      .when(shadowRan())
      .then(happened('ShadowSuiteFinished', { status: 'FAILED', headOid: HEAD }));
    given(deploying, agentDone('deployer', 'SUCCESS'), shadowRan(), mergeable)
      .when(shadowRan())
      .then('ShadowSuiteFinished');
    given(readyToLand, claim('landing'), landed()).when(shadowRan()).then('ShadowSuiteFinished');
    given(submittedForStaging, cancel)
      .when(shadowRan({ status: null }))
      .then('ShadowSuiteFinished');
  });

  test('is recorded once', () => {
    given(deploying).when(shadowRan()).again().thenNothing();
  });

  test('does not count: the agent says SUCCESS and the task goes on, whatever the suite says', () => {
    given(deploying, shadowRan({ status: 'FAILED' }))
      .when(agentDone('deployer', 'SUCCESS'))
      .then('AgentJobFinished', 'VerdictRecorded', 'GateEvaluated')
      .thenNext('run', 'merge-gate');
  });

  test('what was not executed spends nothing and alerts nobody', () => {
    const { task } = given(deploying);
    given(deploying)
      .when(shadowRan({ status: null }))
      .then('ShadowSuiteFinished')
      .thenTask({
        spent: task.spent,
        hold: null,
        failure: null,
        deferral: null,
      });
  });
});

/** Everything that can happen to a task, more or less. */
const STORIES: readonly (readonly Line[])[] = [
  [deploying, agentDone('deployer', 'SUCCESS'), mergeable, claim('landing'), landed()],
  [deploying, agentDone('deployer', 'FAILED'), observeHead(), claim('deployer')],
  [deploying, agentError('deployer'), after(MINUTE), claim('deployer'), reap()],
  [BOTH, OFF, submittedAt('testing'), claim('tester'), agentDone('tester', 'PASSED'), claim('deployer'), hold, release],
  [stagedGreen, repeat(2, claim('merge-gate'), reap()), hold, cancel],
  [submittedForStaging, claim('staging-suite'), suiteRan({ exitCode: 1 }), observeHead()],
  [submittedForStaging, claim('staging-suite'), infraFailed('disk', { retryable: false }), release],
  [submittedForStaging, override('check_staging_status'), mergeable, claim('landing'), landed()],
  [interrupted, claim('landing-recovery'), landed(true)],
];

test('with facts of shadows anywhere among them, all other events are the same, and so is the task', () => {
  const places = fc.array(fc.nat(40), { maxLength: 4 });
  const status = fc.constantFrom('SUCCESS', 'FAILED', null);
  fc.assert(
    fc.property(fc.constantFrom(...STORIES), places, status, (story, at, said) => {
      const lines = flat(story);
      const plain = tell(NEW_WORLD, lines);
      const shadowed = lines.reduce<World>((world, line, index) => {
        const after = tell(world, [line]);
        return at.includes(index) && after.task.kind === 'submitted'
          ? tell(after, [shadowRan({ status: said })])
          : after;
      }, NEW_WORLD);
      expect(withoutRevisions(shadowed.log)).toEqual(withoutRevisions(plain.log));
      expect(decisive(shadowed)).toEqual(decisive(plain));
      expect(plainly(nextOf(shadowed))).toEqual(plainly(nextOf(plain)));
    }),
    // A claim that was taken away, and the fact behind it: late results were lost.
    { examples: [[STORIES[2] ?? [], [7], 'SUCCESS']] },
  );
});

function flat(lines: readonly Line[]): readonly Line[] {
  return lines.flatMap((line) => (Array.isArray(line) ? flat(line as readonly Line[]) : [line]));
}

const NUMBERS = new Set([
  'claim',
  'token',
  'revision',
  'verdictRevision',
  'verdict',
  'override',
  'displaced',
  'voidedClaim',
]);

/** Events of a stream are numbered: with more of them, the numbers are others. */
function plainly(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, each: unknown) => {
      if (typeof each === 'bigint') return 'number';
      if (typeof each !== 'string') return each;
      return NUMBERS.has(name) ? 'number' : each.replace(/(@|claim )\d+/g, '$1number');
    }),
  );
}

function withoutRevisions(log: readonly TaskEvent[]): unknown {
  return plainly(log.filter(({ type }) => type !== 'ShadowSuiteFinished'));
}

/** All of a task but what is shown of its shadows. */
function decisive({ task }: World): unknown {
  return plainly({ ...task, shadows: null });
}
