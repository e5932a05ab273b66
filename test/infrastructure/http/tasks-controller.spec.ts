import type { CommandBus, QueryBus } from '@nestjs/cqrs';
import { TasksController } from '../../../src/infrastructure/http/tasks.controller';
import type { ProjectionRunner } from '../../../src/projections/following/projection-runner';

/** Read models that have the task once they have caught up; `catchUps` counts how often they were told to. */
function controllerOn({ isInLog }: { isInLog: boolean }) {
  let isProjected = false;
  const counted = { catchUps: 0 };
  const queries = { execute: () => Promise.resolve(isProjected ? { id: 'web.T1' } : null) };
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

describe.each(['show', 'why', 'events'] as const)('%s', (route) => {
  it('of a task that was just submitted finds it, although read models are a little late', async () => {
    const { controller, counted } = controllerOn({ isInLog: true });
    expect(await controller[route]('web.T1')).toEqual({ id: 'web.T1' });
    expect(await controller[route]('web.T1')).toEqual({ id: 'web.T1' });
    expect(counted.catchUps).toBe(1);
  });

  it('of a task that the log does not have says so', async () => {
    const { controller } = controllerOn({ isInLog: false });
    await expect(controller[route]('web.T1')).rejects.toMatchObject({ kind: 'unknown', code: 'unknown-task' });
  });
});
