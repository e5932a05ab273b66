import type { Executed, TaskExecutor } from '../../src/application/execute-task';
import { Operations, type OperationsDeps } from '../../src/application/operations';
import { given } from '../support/given-when-then';
import { ListedProjects } from '../support/listed-projects';
import { ANN, TASK } from '../support/policies';
import { cancel, claim, hold, landing, submittedForStaging } from '../support/task-stories';

const PROJECT = { policy: { project: 'web' }, policyDigest: '', repository: {} };

/** Operations whose every command is accepted and leaves the task as given. */
function operationsOn(done: Executed): Operations {
  const executor = { execute: () => Promise.resolve(done) } as unknown as TaskExecutor;
  return new Operations({
    executor,
    projects: new ListedProjects([PROJECT]),
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

describe('a text that does not fit', () => {
  const operations = new Operations({
    projects: new ListedProjects([PROJECT]),
  } as unknown as OperationsDeps);

  it.each([
    ['empty', '', 'saw ""'],
    ['too long', 'x'.repeat(501), /saw "x+ … \d+ characters left out; correct it$/],
    ['with NUL', 'a\u0000', 'saw "a\\u0000"'],
    ['with half a pair', '\ud800', 'saw "\\ud800"'],
  ])('is refused before git or the log are asked, and not made fit: %s', async (_what, text, seen) => {
    const title = { project: 'web', branch: 'feature', title: text };
    await expect(operations.submit(title, ANN)).rejects.toThrow(seen);
    await expect(operations.submit(title, ANN)).rejects.toMatchObject({ kind: 'invalid', code: 'invalid-title' });
    await expect(operations.operate('hold', TASK, text, ANN)).rejects.toThrow(seen);
    await expect(operations.operate('hold', TASK, text, ANN)).rejects.toMatchObject({ code: 'invalid-reason' });
  });
});

describe('whoever has rights in other projects only', () => {
  const operations = new Operations({ projects: new ListedProjects([PROJECT]) } as unknown as OperationsDeps);
  const eve = { ...ANN, name: 'eve', projects: ['api'] };

  it('learns nothing about this one, not even whether it is there', async () => {
    const matching = { code: 'unknown-project', message: 'project: expected one of none configured, saw "web"' };
    await expect(operations.submit({ project: 'web', branch: 'feature' }, eve)).rejects.toMatchObject(matching);
    await expect(operations.operate('hold', TASK, 'wait', eve)).rejects.toMatchObject(matching);
    await expect(operations.changePriority(TASK, 3, eve)).rejects.toMatchObject(matching);
  });
});
