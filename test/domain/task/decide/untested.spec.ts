import { given, happened, type Line } from '../../../support/given-when-then';
import { agents } from '../../../support/policies';
import {
  agentDone,
  claim,
  hold,
  infraFailed,
  mergeable,
  NEW_HEAD,
  observeHead,
  policy,
  release,
  repeat,
  retry,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
} from '../../../support/task-stories';

const rollback = policy({ onInfraExhausted: 'rollback' });
const developer = policy(agents('developer'));
const noProgram = infraFailed('command_not_found', { failureClass: 'tool-error', retryable: false });
const ofSuite: Line = [rollback, submittedForStaging, claim('staging-suite'), noProgram];
const ofMergeGate: Line = [rollback, stagedGreen, repeat(3, claim('merge-gate'), infraFailed()), claim('merge-gate')];

describe.each<[string, Line]>([
  ['without a developer agent', []],
  ['with one', developer],
])('a task that infrastructure sent back, %s,', (_name, surroundings) => {
  const sentBack = given(surroundings, ofSuite);

  test('waits for a person: nothing is known, so nobody is asked for a new commit or a repair', () => {
    sentBack.thenTask({ stage: 'development', hold: null, spent: {} }).thenNext('await', 'untested');
    expect(sentBack.next.why).toMatchObject({ actor: 'person' });
    sentBack.when(claim('developer')).thenRejected('not-the-next-step');
    given(surroundings, ofMergeGate, infraFailed()).thenNext('await', 'untested');
  });

  test('goes to its start stage with the same head when a person retries it, for free', () => {
    sentBack
      .when(retry)
      .then(
        happened('VerdictVoided', { stage: 'development', by: 'ann', spends: null }),
        happened('GateEvaluated', { gate: 'check_ci_green', result: 'not-configured' }),
        ...(['StageSkipped', 'StageSkipped', 'StageAdvanced'] as const),
        'AlertClosed',
      )
      .thenTask({ stage: 'deploy-staging', headOid: sentBack.task.headOid, spent: {}, sentBack: null })
      .thenNext('run', 'staging-suite');
    given(surroundings, ofSuite, retry, claim('staging-suite'), suiteRan(), mergeable).thenNext('run', 'landing');
    given(surroundings, ofMergeGate, infraFailed(), retry).thenNext('run', 'staging-suite');
  });

  test('does so as often as infrastructure fails, each time with a whole budget', () => {
    given(
      surroundings,
      ofSuite,
      retry,
      claim('staging-suite'),
      noProgram,
      retry,
      claim('staging-suite'),
      infraFailed(),
    ).thenTask({ stage: 'deploy-staging', spent: { 'infra:staging-suite': 1 } });
  });

  test('goes on by itself with a new commit', () => {
    given(surroundings, ofSuite, observeHead(NEW_HEAD))
      .thenTask({ stage: 'deploy-staging', sentBack: null })
      .thenNext('run', 'staging-suite');
  });

  test('still waits for a person after a hold was lifted', () => {
    given(surroundings, ofSuite, hold).when(retry).accepted().thenNext('run', 'staging-suite');
    given(surroundings, ofSuite, hold, release).thenNext('await', 'untested');
    sentBack.when(release).thenRejected('not-held');
  });
});

test('a change that was red after such a retry is for the developer, as any red', () => {
  const red = [ofSuite, retry, claim('staging-suite'), suiteRan({ exitCode: 1 })];
  given(developer, red)
    .thenTask({ spent: { 'developer:task': 1 } })
    .thenNext('run', 'agent:developer');
  given(red).thenNext('await', 'no-agent:developer');
  given(red).when(retry).thenRejected('nothing-to-retry');
});

test('a task that entered early is reviewed and tested again, as after any way back', () => {
  const all = policy(agents('reviewer', 'tester'));
  const reviewed = [
    claim('reviewer'),
    agentDone('reviewer', 'APPROVED'),
    claim('tester'),
    agentDone('tester', 'PASSED'),
  ];
  given(all, rollback, submit({ startStage: 'review' }), reviewed, claim('staging-suite'), noProgram, retry)
    .thenTask({ stage: 'review' })
    .thenNext('run', 'agent:reviewer');
});
