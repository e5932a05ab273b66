import { given, happened } from '../../../support/given-when-then';
import { agents } from '../../../support/policies';
import {
  agentDone,
  cancel,
  claim,
  HEAD,
  hold,
  policy,
  stagedGreen,
  submit,
  submittedAt,
  submittedForStaging,
} from '../../../support/task-stories';

/** What intake leaves behind when it does not take a task. */
function rejected(reason: RegExp) {
  const said = { reason: expect.stringMatching(reason) as string };
  return [happened('GateEvaluated', { gate: 'intake', result: 'fail', ...said }), happened('TaskRejected', said)];
}

describe('submitting', () => {
  test('a task passes intake at once and stands at analysis', () => {
    given()
      .when(submit())
      .then(
        happened('TaskSubmitted', { taskId: 'web.WEB-1', submittedBy: 'ann', headOid: HEAD }),
        happened('GateEvaluated', { gate: 'intake', result: 'pass' }),
        happened('StageAdvanced', { from: 'created', to: 'analysis' }),
      )
      .thenTask({ stage: 'analysis', revision: 2n, headOid: HEAD, claim: null, hold: null });
  });

  test('a task that enters late records every stage it did not walk through', () => {
    given()
      .when(submittedForStaging)
      .then(
        'TaskSubmitted',
        'GateEvaluated',
        ...(['analysis', 'architecture', 'development', 'review', 'testing'] as const).map((stage) =>
          happened('StageSkipped', { stage, reason: 'entered at deploy-staging' }),
        ),
        happened('StageAdvanced', { from: 'created', to: 'deploy-staging' }),
      )
      .thenNext('run', 'staging-suite');
  });

  test('the same submission twice is one submission', () => {
    given().when(submittedForStaging).again().thenNothing();
    given(stagedGreen).when(submittedForStaging).thenNothing();
    given(submittedForStaging, cancel).when(submittedForStaging).thenNothing();
  });

  test.each([
    ['another branch', { branch: 'feature/other' }],
    ['another title', { title: 'Slower queue' }],
    ['another description', { description: 'Halve the time a task waits.' }],
    ['another entry', { startStage: 'testing' as const }],
  ])('the same id with %s is refused', (_what, change) => {
    given(submittedForStaging)
      .when(submit({ startStage: 'deploy-staging', ...change }))
      .thenRejected('already-submitted');
  });

  test.each(['web', 'web.', '.WEB-1', 'Web.WEB-1', 'web.-1', 'web.WEB 1', 'web.WEB.1', `web.${'W'.repeat(65)}`])(
    'task id %j is refused',
    (taskId) => {
      given().when(submit({ taskId })).thenRejected('invalid-task-id');
    },
  );

  test('a task id of another project is refused', () => {
    given()
      .when(submit({ taskId: 'api.WEB-1', project: 'web' }))
      .thenRejected('invalid-task-id');
  });

  test.each([
    '',
    '-x',
    '$(id)',
    'a b',
    'a..b',
    'a/',
    '/a',
    'a//b',
    'a.lock',
    'a/.b',
    '@',
    'a@{1}',
    'a\nb',
    'ä',
    'HEAD',
  ])('branch %j is rejected', (branch) => {
    given()
      .when(submit({ branch }))
      .then('TaskSubmitted', ...rejected(/^branch: expected a plain name/));
  });

  test.each([-1, 10, 1.5, NaN, Infinity])('priority %d is refused', (priority) => {
    given().when(submit({ priority })).thenRejected('invalid-priority');
  });

  test('a description is recorded and kept whole', () => {
    const description = 'Halve the time.\n'.repeat(4_000);
    given()
      .when(submit({ description }))
      .then(happened('TaskSubmitted', { description }), 'GateEvaluated', 'StageAdvanced')
      .thenTask({ description });
    given(submit({ description })).when(submit({ description })).thenNothing();
  });

  test.each(['', 'x'.repeat(65_537), 'a\u0000'])('a description that does not fit is refused', (description) => {
    given().when(submit({ description })).thenRejected('invalid-description');
  });

  test('a stage that the project does not list as an entry is rejected', () => {
    given(policy({ entryStages: ['created'] }))
      .when(submittedForStaging)
      .then('TaskSubmitted', ...rejected(/^deploy-staging is not an entry stage of web \(allowed: created\)$/))
      .thenTask({ stage: 'rejected' });
  });

  test.each(['deploy', 'monitoring', 'done'] as const)(
    'nothing enters behind the merge gate, at %s, whatever the policy lists',
    (startStage) => {
      given(policy({ entryStages: [startStage] }))
        .when(submittedAt(startStage))
        .then('TaskSubmitted', ...rejected(/not an entry stage/));
    },
  );

  test('a rejected task whose project takes it by now is told to come under another id', () => {
    given(policy({ entryStages: ['created'] }), submittedForStaging, policy({ entryStages: ['deploy-staging'] }))
      .when(submittedForStaging)
      .thenRejected('already-submitted', /was rejected; submit it under another id/);
  });

  test('a rejected task is final, and the same submission is no second one', () => {
    const refused = given(policy({ entryStages: ['created'] }), submittedForStaging);
    refused.when(submittedForStaging).thenNothing();
    refused.when(submit()).thenRejected('already-submitted', /was rejected; submit it under another id/);
    refused.when(hold).thenRejected('task-is-final');
  });

  test('without a task every other command is refused', () => {
    for (const move of [claim('staging-suite'), cancel]) given().when(move).thenRejected('unknown-task');
  });

  test('the whole pipeline is walked stage by stage when nothing is skipped', () => {
    const all = agents('analyst', 'architect', 'developer', 'reviewer', 'tester');
    given(
      policy(all),
      submit({ headOid: null }),
      [claim('analyst'), agentDone('analyst', 'READY')],
      [claim('architect'), agentDone('architect', 'READY')],
      [claim('developer'), agentDone('developer', null, HEAD)],
      [claim('reviewer'), agentDone('reviewer', 'APPROVED')],
      [claim('tester'), agentDone('tester', 'PASSED')],
    ).thenNext('run', 'staging-suite');
  });
});
