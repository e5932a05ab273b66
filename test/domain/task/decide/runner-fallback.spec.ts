import { given, happened } from '../../../support/given-when-then';
import { agents } from '../../../support/policies';
import {
  agentDone,
  claim,
  observeHead,
  policy,
  releaseClaim,
  submittedForStaging,
  suiteRan,
} from '../../../support/task-stories';
import type { Move } from '../../../support/given-when-then';
import type { TaskCommand } from '../../../../src/domain/task/task.commands';

/** The owner gives its claim back because the staging-runner could not even start. */
const couldNotStart: Move = {
  move: (task, at) => {
    const released = releaseClaim('the staging-runner could not be started: no such folder').move(task, at);
    return { ...released, data: { ...released.data, runnerUnavailable: true } } as TaskCommand;
  },
};

describe('a staging-runner that could not be started at all', () => {
  test('is replaced by the deployer, and the event says so', () => {
    given(policy(agents('deployer')), submittedForStaging, claim('staging-suite'))
      .when(couldNotStart)
      .then(happened('ClaimReleased', { runnerUnavailable: true }))
      .thenNext('run', 'agent:deployer');
  });

  test('is started again where no deployer is configured', () => {
    given(submittedForStaging, claim('staging-suite'), couldNotStart).thenNext('run', 'staging-suite');
  });

  test('is asked again about the next head', () => {
    const green = [claim('deployer'), agentDone('deployer', 'SUCCESS')];
    given(policy(agents('deployer')), submittedForStaging, claim('staging-suite'), couldNotStart, green, observeHead())
      .thenTask({ runnerUnavailable: false })
      .thenNext('run', 'staging-suite');
  });

  test('a claim given back for another reason changes nothing', () => {
    given(policy(agents('deployer')), submittedForStaging, claim('staging-suite'), releaseClaim()).thenNext(
      'run',
      'staging-suite',
    );
    given(policy(agents('deployer')), submittedForStaging, claim('staging-suite'), suiteRan()).thenNext(
      'run',
      'merge-gate',
    );
  });
});
