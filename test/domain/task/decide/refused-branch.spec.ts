import { given, happened } from '../../../support/given-when-then';
import { agents } from '../../../support/policies';
import {
  branchRefused,
  claim,
  hold,
  NEW_HEAD,
  observeHead,
  policy,
  release,
  stagedGreen,
  submittedAt,
  submittedForStaging,
} from '../../../support/task-stories';

const refusal = { fault: 'unusable-branch' as const, detail: 'saw ".git"' };

describe('a branch that git cannot work with', () => {
  test.each([
    ['before the suite', [submittedForStaging, claim('staging-suite')], 'staging-suite'],
    ['at the merge gate', [stagedGreen, claim('merge-gate')], 'merge-gate'],
    ['by a reviewer', [policy(agents('reviewer')), submittedAt('review'), claim('reviewer')], 'agent'],
  ] as const)(
    '%s: back to development for a developer retry, and infrastructure spends nothing',
    (_when, story, kind) => {
      given(...story)
        .when(branchRefused())
        .then(
          happened('BranchRefused', { ...refusal, job: expect.objectContaining({ kind }) as never }),
          happened('StageRolledBack', {
            to: 'development',
            reason: 'unusable-branch',
            spends: { budget: 'developer', key: 'task' },
          }),
        )
        .thenTask({ stage: 'development', claim: null, spent: { 'developer:task': 1 } })
        .thenTask({ failure: expect.objectContaining({ class: 'conflict', reason: 'unusable-branch' }) as never });
    },
  );

  test('after the last developer retry the task is held with one alert', () => {
    const budgets = { developer: 0, agent: 2, infra: 3, crash: 10, landing: 5 };
    given(policy({ budgets }), submittedForStaging, claim('staging-suite'))
      .when(branchRefused('unrelated-history'))
      .then(
        'BranchRefused',
        'DeveloperRetriesExhausted',
        happened('StageRolledBack', { reason: 'unrelated-history', spends: null }),
        happened('TaskHeld', { reason: 'developer-retries-exhausted' }),
        'AlertRaised',
      );
  });

  test('another commit goes on from the start', () => {
    given(submittedForStaging, claim('staging-suite'), branchRefused())
      .when(observeHead(NEW_HEAD))
      .accepted()
      .thenTask({ headOid: NEW_HEAD, stage: 'deploy-staging', failure: null });
  });

  test('a person’s hold stays: it is sent back after that, when a job finds it again', () => {
    const held = given(submittedForStaging, claim('staging-suite'), hold);
    held.when(branchRefused()).then('BranchRefused').thenTask({ stage: 'deploy-staging', claim: null });
    given(submittedForStaging, claim('staging-suite'), hold, branchRefused())
      .when(release)
      .accepted()
      .thenNext('run', 'staging-suite');
  });

  test('is refused for another commit than the one claimed, and where nobody has developed yet', () => {
    given(submittedForStaging, claim('staging-suite'))
      .when(branchRefused('unusable-branch', NEW_HEAD))
      .thenRejected('other-candidate');
    given(policy(agents('analyst')), submittedAt('analysis'), claim('analyst'))
      .when(branchRefused())
      .thenRejected('wrong-job');
  });
});
