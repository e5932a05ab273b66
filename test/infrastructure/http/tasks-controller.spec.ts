import type { Request, Response } from 'express';
import type { CommandBus, QueryBus } from '@nestjs/cqrs';
import { TasksController } from '../../../src/infrastructure/http/tasks.controller';
import type { ProjectionRunner } from '../../../src/projections/following/projection-runner';

const TASK = { id: 'web.T1', state: { revision: '7' }, nextCursor: null };
const REQUEST = { headers: {} } as unknown as Request;
const RESPONSE = { setHeader: () => RESPONSE } as unknown as Response;

/** Read models that have the task once they have caught up; `catchUps` counts how often they were told to. */
function controllerOn({ isInLog }: { isInLog: boolean }) {
  let isProjected = false;
  const counted = { catchUps: 0 };
  const queries = { execute: () => Promise.resolve(isProjected ? TASK : null) };
  const projector = {
    catchUp: () => {
      counted.catchUps += 1;
      isProjected = isInLog;
      return Promise.resolve();
    },
  };
  const controller = new TasksController(
    null as unknown as CommandBus,
    queries as unknown as QueryBus,
    projector as unknown as ProjectionRunner,
  );
  return { controller, counted };
}

const ROUTES = {
  show: (controller: TasksController) => controller.show('*', 'web.T1', REQUEST, RESPONSE),
  why: (controller: TasksController) => controller.why('*', 'web.T1'),
  events: (controller: TasksController) => controller.events('*', 'web.T1', {}, REQUEST, RESPONSE),
};

describe.each(['show', 'why', 'events'] as const)('%s', (route) => {
  it('of a task that was just submitted finds it, although read models are a little late', async () => {
    const { controller, counted } = controllerOn({ isInLog: true });
    expect(await ROUTES[route](controller)).toEqual(TASK);
    expect(await ROUTES[route](controller)).toEqual(TASK);
    expect(counted.catchUps).toBe(1);
  });

  it('of a task that the log does not have says so', async () => {
    const { controller } = controllerOn({ isInLog: false });
    await expect(ROUTES[route](controller)).rejects.toMatchObject({ kind: 'unknown', code: 'unknown-task' });
  });
});
