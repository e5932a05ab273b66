import type { Executed, TaskExecutor } from '../../src/application/execute-task';
import { Operations, type OperationsDeps } from '../../src/application/operations';
import { given } from '../support/given-when-then';
import { ANN, TASK } from '../support/policies';
import { cancel, claim, hold, landing, submittedForStaging } from '../support/task-stories';

const PROJECT = { policy: { project: 'web' }, policyDigest: '', repository: {} };

/** Operations whose every command is accepted and leaves the task as given. */
function operationsOn(done: Executed): Operations {
  const executor = { execute: () => Promise.resolve(done) } as unknown as TaskExecutor;
  const projects = { get: () => PROJECT, all: () => [PROJECT] };
  return new Operations({
    executor,
    projects,
    ids: { uuid: () => '1' },
  } as unknown as OperationsDeps);
}

const accepted = (task: ReturnType<typeof given>['task']): Executed => ({ kind: 'accepted', task, events: [] });

describe('what a person is told', () => {
  it('of a hold or a cancel while git lands: that it is queued', async () => {
    const held = accepted(given(landing, hold).task);
    expect(await operationsOn(held).operate('hold', TASK, 'wait', ANN)).toMatchObject({ isQueued: true });
    const both = accepted(given(landing, hold, cancel).task);
    expect(await operationsOn(both).operate('cancel', TASK, 'no', ANN)).toMatchObject({ isQueued: true });
  });

  it('of a hold that takes effect at once, or beside a queued cancel: that it is done', async () => {
    const held = accepted(given(submittedForStaging, claim('staging-suite'), hold).task);
    expect(await operationsOn(held).operate('hold', TASK, 'wait', ANN)).toMatchObject({ isQueued: false });
    const other = accepted(given(landing, cancel).task);
    expect(await operationsOn(other).operate('release', TASK, 'go', ANN)).toMatchObject({ isQueued: false });
  });
});
