import { ALLOWED_COMMANDS_AFTER_FINAL } from '../../../../src/domain/task/task.commands';
import { ALLOWED_AFTER_FINAL } from '../../../../src/domain/task/task.events';
import { decide } from '../../../../src/domain/task/task.decider';
import { given, happened, START } from '../../../support/given-when-then';
import { agents, contextAt, TASK } from '../../../support/policies';
import {
  after,
  agentDone,
  agentError,
  cancel,
  changePriority,
  citing,
  claim,
  hold,
  infraFailed,
  landed,
  landing,
  MINUTE,
  nothingToLand,
  observeHead,
  policy,
  reap,
  refuseStale,
  release,
  releaseClaim,
  reportStale,
  retested,
  retry,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
  readyToLand,
} from '../../../support/task-stories';

describe('a hold', () => {
  test('stops the task where it is, without an alert: somebody wanted it', () => {
    given(stagedGreen)
      .when(hold)
      .then(happened('TaskHeld', { reason: 'person', by: 'ann', detail: 'wait for the demo', budget: null }))
      .thenTask({ claim: null, stage: 'deploy-staging' })
      .thenNext('await', 'held:person');
  });

  test('twice is one hold', () => {
    given(stagedGreen).when(hold).again().thenRejected('already-held');
  });

  test('lets the run under way finish', () => {
    given(stagedGreen, claim('merge-gate'), hold).thenNext('wait', 'running');
  });

  test('is lifted once', () => {
    given(stagedGreen, hold).when(release).then('TaskReleased').thenNext('run', 'merge-gate');
    given(stagedGreen, hold).when(release).again().thenRejected('not-held');
    given(stagedGreen).when(release).thenRejected('not-held');
  });

  test('of a person cost no budget and voids nothing', () => {
    given(readyToLand, hold, release).thenTask({ stage: 'deploy' }).thenNext('run', 'landing');
  });

  test('ends the back-off when it is lifted', () => {
    given(submittedForStaging, claim('staging-suite'), infraFailed(), hold, release).thenNext('run', 'staging-suite');
  });
});

describe('a retry', () => {
  test('voids the verdict of the stage and is free', () => {
    given(stagedGreen)
      .when(retry)
      .then(happened('VerdictVoided', { stage: 'deploy-staging', by: 'ann', spends: null }))
      .thenTask({ spent: {}, gatesPassed: ['intake'] })
      .thenNext('run', 'staging-suite');
  });

  test('of a tested candidate tests it again from the suite on', () => {
    given(readyToLand)
      .when(retry)
      .then(happened('VerdictVoided', { stage: 'deploy-staging' }))
      .thenTask({ stage: 'deploy-staging', merge: null })
      .thenNext('run', 'staging-suite');
  });

  test('lifts a hold and renews its budget', () => {
    const story = [submittedForStaging, claim('staging-suite'), infraFailed('bad_spec', { retryable: false })];
    given(story)
      .when(retry)
      .then('TaskReleased', 'BudgetRenewed', 'VerdictVoided', 'AlertClosed')
      .thenNext('run', 'staging-suite');
  });

  test('is refused while something runs and when there is nothing to repeat', () => {
    given(submittedForStaging, claim('staging-suite')).when(retry).thenRejected('run-in-progress');
    given(submittedForStaging).when(retry).thenRejected('nothing-to-retry');
    given(stagedGreen).when(retry).again().thenRejected('nothing-to-retry');
  });

  test('after a red says that another commit is needed, and where', () => {
    given(submittedForStaging, claim('staging-suite'), suiteRan({ exitCode: 1 }))
      .when(retry)
      .thenRejected('nothing-to-retry', /sent back to development \(red\): push a commit to feature\/queue/);
  });

  test('ends the back-off of a developer, whose stage has no verdict to void', () => {
    given(
      policy(agents('developer')),
      submit({ startStage: 'development' }),
      claim('developer'),
      agentError('developer'),
    )
      .when(retry)
      .accepted()
      .thenTask({ deferral: null, stage: 'development' })
      .thenNext('run', 'agent:developer');
  });
});

describe('a priority', () => {
  test('changes, and the same one again is no event', () => {
    given(stagedGreen)
      .when(changePriority(7))
      .then(happened('PriorityChanged', { from: 0, to: 7 }))
      .thenTask({ priority: 7 });
    given(stagedGreen).when(changePriority(7)).again().thenNothing();
  });

  test.each([-1, 10, 0.5, NaN])('%d is refused', (priority) => {
    given(stagedGreen).when(changePriority(priority)).thenRejected('invalid-priority');
  });
});

describe('a cancel', () => {
  test.each([
    ['waiting', [stagedGreen]],
    ['running', [stagedGreen, claim('merge-gate')]],
    ['held', [stagedGreen, hold]],
    ['deferred', [submittedForStaging, claim('staging-suite'), infraFailed()]],
    ['sent back', [submittedForStaging, claim('staging-suite'), suiteRan({ exitCode: 1 })]],
    ['ready to land', [readyToLand]],
  ])('ends a task that is %s', (_what, story) => {
    given(story)
      .when(cancel)
      .then(happened('TaskCancelled', { by: 'ann' }))
      .thenTask({ stage: 'cancelled', claim: null, hold: null, lastReason: 'not needed' })
      .thenNext('finished', 'cancelled');
  });
});

describe('a final task', () => {
  const CLOSED = given(stagedGreen, claim('merge-gate')).token;
  const ends = {
    cancelled: [stagedGreen, claim('merge-gate'), cancel],
    done: [landing, landed()],
    emptied: [stagedGreen, claim('merge-gate'), nothingToLand],
  };

  test.each(Object.entries(ends))('%s takes no command that would change it', (_name, story) => {
    for (const move of [claim('staging-suite'), hold, release, retry, cancel, changePriority(3), observeHead()]) {
      given(story).when(move).thenRejected('task-is-final');
    }
    for (const move of [
      suiteRan(),
      infraFailed(),
      retested(),
      landed(),
      reap(),
      releaseClaim(),
      reportStale(),
      agentDone('tester', 'PASSED'),
    ]) {
      given(story).when(citing(CLOSED, move)).thenRejected('stale-claim');
    }
  });

  test.each(Object.entries(ends))('%s still takes down who came too late, and stays as it is', (_name, story) => {
    const { revision, ...rest } = given(story).task;
    const { task } = given(story).when(refuseStale('12')).then('StaleResultRefused');
    expect(task).toEqual({ ...rest, revision: revision + 1n });
  });

  test('is finished at any time', () => {
    given(ends.done, after(60 * 24 * MINUTE)).thenNext('finished', 'done');
  });

  test('the lists of what may follow are short', () => {
    expect([...ALLOWED_COMMANDS_AFTER_FINAL].sort()).toEqual([
      'AcknowledgeAlert',
      'CloseAlert',
      'RecordShadowSuite',
      'RefuseStaleResult',
      'SubmitTask',
    ]);
    expect([...ALLOWED_AFTER_FINAL].sort()).toEqual([
      'AlertAcknowledged',
      'AlertClosed',
      'AlertRaised',
      'ShadowSuiteFinished',
      'StaleResultRefused',
      'TaskAnnotated',
    ]);
  });
});

test('what people ask for does not depend on the lane, which is therefore not read for it', () => {
  const lanes = [null, { taskId: 'web.other', epoch: '7' }, { taskId: TASK, epoch: '7' }];
  for (const story of [
    [submittedForStaging],
    [stagedGreen],
    [landing],
    [stagedGreen, hold],
    [submittedForStaging, cancel],
  ]) {
    const { task } = given(...story);
    for (const { move } of [hold, release, retry, cancel]) {
      const [first, ...others] = lanes.map((holder) => {
        const context = contextAt(START);
        const lane = { holder, nextInLine: null };
        return decide(task, move(task, START), { ...context, surroundings: { ...context.surroundings, lane } });
      });
      for (const other of others) expect(other).toEqual(first);
    }
  }
});
