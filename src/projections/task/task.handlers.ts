import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { KnownDamage } from '../../application/known-damage';
import type { TaskId } from '../../domain/ids';
import { ReadModels } from '../read-models';
import { getTaskEvents, type TaskEventsOptions, type TaskEventsView } from './get-task-events.query';

export class GetTaskEvents extends Query<TaskEventsView | null> {
  constructor(
    readonly id: TaskId,
    readonly options: TaskEventsOptions = {},
  ) {
    super();
  }
}

@QueryHandler(GetTaskEvents)
export class GetTaskEventsHandler implements IQueryHandler<GetTaskEvents> {
  constructor(
    private readonly models: ReadModels,
    private readonly damage: KnownDamage,
  ) {}

  execute({ id, options }: GetTaskEvents): Promise<TaskEventsView | null> {
    return getTaskEvents({ models: this.models, damage: this.damage }, id, options);
  }
}
