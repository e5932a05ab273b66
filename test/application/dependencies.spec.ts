import { Dependencies } from '../../src/application/conductor/dependencies';
import type { StoredEvent } from '../../src/application/ports/event-store';
import type { Project } from '../../src/application/projects';
import type { Task } from '../../src/domain/task/task.state';
import { given } from '../support/given-when-then';
import { cancel, landed, landing, submit, submittedForStaging } from '../support/task-stories';

const project = {} as Project;
const A = 'web.A';
const waiter = given(submit({ startStage: 'deploy-staging', dependsOn: [A, 'web.B'] })).task;
const UNKNOWN: Task = { kind: 'unknown', revision: 'no-stream' };

function watching(states: Readonly<Record<string, Task>>) {
  const asked: string[] = [];
  const told: unknown[] = [];
  const dependencies = new Dependencies({
    tasks: { load: (id: string) => (asked.push(id), Promise.resolve({ state: states[id] ?? UNKNOWN })) },
    executor: { execute: (id: string, command: unknown) => (told.push([id, command]), Promise.resolve({})) },
    contextOf: () => () => Promise.resolve({}),
  } as never);
  return { dependencies, asked, told };
}

const event = (type: string) => ({ type }) as StoredEvent;

it('takes note of the first one that has ended, and says so', async () => {
  const { dependencies, told } = watching({ 'web.B': given(landing, landed()).task });
  expect(await dependencies.takeNote(waiter, project)).toBe(true);
  expect(told).toEqual([[waiter.id, { type: 'EndDependency', data: { taskId: 'web.B', end: 'landed' } }]]);
});

it('says how one ended that never lands', async () => {
  const { dependencies, told } = watching({ [A]: given(submittedForStaging, cancel).task });
  await dependencies.takeNote(waiter, project);
  expect(told).toEqual([[waiter.id, { type: 'EndDependency', data: { taskId: A, end: 'cancelled' } }]]);
});

it('names who waits for a task at an event that may be its end, and at no other', async () => {
  const { dependencies } = watching({ [A]: given(submittedForStaging).task });
  expect(await dependencies.takeNote(waiter, project)).toBe(false);
  for (const type of ['TaskLanded', 'StageAdvanced', 'TaskCancelled', 'TaskRejected'])
    expect(dependencies.waitersAfter(A, event(type))).toEqual([waiter.id]);
  expect(dependencies.waitersAfter(A, event('TransitionClaimed'))).toEqual([]);
  expect(dependencies.waitersAfter('web.C', event('TaskLanded'))).toEqual([]);
  dependencies.forget(waiter.id);
  expect(dependencies.waitersAfter(A, event('TaskLanded'))).toEqual([]);
});

it('notes who waits before it reads, so that no end comes in between', async () => {
  const early: Dependencies[] = [];
  const seen: unknown[] = [];
  const dependencies = new Dependencies({
    tasks: {
      load: (id: string) => {
        seen.push(early[0]?.waitersAfter(id, event('TaskLanded')));
        return Promise.resolve({ state: UNKNOWN });
      },
    },
  } as never);
  early.push(dependencies);
  await dependencies.takeNote(waiter, project);
  expect(seen).toEqual([[waiter.id], [waiter.id]]);
});
