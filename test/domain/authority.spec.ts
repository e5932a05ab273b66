import { lacking, NEEDED_RIGHTS } from '../../src/domain/authority/needed-rights';
import {
  DEMO,
  LAND,
  LOCAL,
  operator,
  RIGHTS,
  SCOPES,
  SERVICE,
  type Principal,
} from '../../src/domain/authority/principal';
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
  const eve: Principal = { name: 'eve', kind: 'person', rights: RIGHTS, projects: '*' };
  const decidedFor = (principal: Principal) => decide(initialTask(), command, contextAt(START, { principal }));
  const decided = (rights: Principal['rights']) => decidedFor({ ...eve, rights });

  it('is refused to whoever has every right but the one it needs', () => {
    const others = RIGHTS.filter((right) => right !== NEEDED_RIGHTS[type]);
    const detail = `expected the right to ${NEEDED_RIGHTS[type]}, eve has only: ${others.join(', ')}`;
    expect(decided(others)).toEqual({ kind: 'reject', reason: 'not-allowed', detail });
    expect(decided([])).toMatchObject({ detail: expect.stringContaining('eve has none') as string });
  });

  it('is refused to whoever has the right in other projects only', () => {
    const detail = `expected the right to ${NEEDED_RIGHTS[type]} in project web, eve has it only in: api, docs`;
    const refused = { kind: 'reject', reason: 'not-allowed', detail };
    expect(decidedFor({ ...eve, projects: ['api', 'docs'] })).toEqual(refused);
    expect(lacking({ ...eve, projects: ['web'] }, type, 'web')).toBeNull();
  });
});

it('nobody but the service does what the service does by itself, and it does nothing that people have to ask for', () => {
  expect([LOCAL, LAND, DEMO].filter(({ rights }) => rights.includes('conduct'))).toEqual([]);
  expect(SCOPES).not.toContain('conduct');
  expect(SERVICE.rights).toEqual(['work', 'conduct']);
});

it('what belongs to no project needs a right in all of them', () => {
  const admin: Principal = { name: 'eve', kind: 'person', rights: ['admin'], projects: ['web'] };
  const detail = 'expected the right to admin in all projects, eve has it only in: web';
  expect(lacking(admin, 'CreateToken', null)).toBe(detail);
  expect(lacking({ ...admin, projects: '*' }, 'CreateToken', null)).toBeNull();
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
