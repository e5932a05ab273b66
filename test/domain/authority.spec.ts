import { NEEDED_RIGHTS } from '../../src/domain/authority/needed-rights';
import { LAND, LOCAL, operator, RIGHTS, SERVICE } from '../../src/domain/authority/principal';
import { decide } from '../../src/domain/task/task.decider';
import type { TaskCommand, TaskCommandType } from '../../src/domain/task/task.commands';
import { initialTask } from '../../src/domain/task/task.state';
import { given, happened, START, type World } from '../support/given-when-then';
import { contextAt } from '../support/policies';
import { hold, submittedForStaging } from '../support/task-stories';

const COMMANDS = Object.keys(NEEDED_RIGHTS) as TaskCommandType[];

describe.each(COMMANDS)('%s', (type) => {
  // Who may not is told before anything is read of the command.
  const command = { type, data: {} } as TaskCommand;
  const decided = (rights: typeof RIGHTS | readonly []) =>
    decide(initialTask(), command, contextAt(START, { principal: { name: 'eve', kind: 'person', rights } }));

  it('is refused to whoever has every right but the one it needs', () => {
    const others = RIGHTS.filter((right) => right !== NEEDED_RIGHTS[type]) as unknown as typeof RIGHTS;
    const detail = `expected the right to ${NEEDED_RIGHTS[type]}, eve has only: ${others.join(', ')}`;
    expect(decided(others)).toEqual({ kind: 'reject', reason: 'not-allowed', detail });
    expect(decided([])).toMatchObject({ detail: expect.stringContaining('eve has none') as string });
  });
});

it('what people may do and what the service does by itself have nothing in common', () => {
  expect(SERVICE.rights.filter((right) => [...LOCAL.rights, ...LAND.rights].includes(right))).toEqual([]);
});

it('events say who asked', () => {
  const asked = { change: (world: World) => ({ ...world, around: { ...world.around, principal: operator('bea') } }) };
  given(submittedForStaging, asked)
    .when(hold)
    .then(happened('TaskHeld', { by: 'bea' }));
});

it('an account with the name of the service is a person all the same', () => {
  expect(operator('stagegate').name).toBe('user stagegate');
});
