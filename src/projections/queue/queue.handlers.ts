import { Injectable } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { KnownDamage } from '../../application/known-damage';
import { Clock } from '../../application/ports/clock';
import { EventStore } from '../../application/ports/event-store';
import { Projects } from '../../application/projects';
import { Subscribers } from '../../application/subscribers/subscribers';
import { SlotLines } from '../../application/slot-lines';
import type { TaskId } from '../../domain/ids';
import { Past } from '../past/past';
import { ReadModels } from '../read-models';
import { getPastQueue, getQueue, type QueueView } from './get-queue.query';
import { getTask, getWhy, type TaskView, type WhyView } from './get-task.query';
import { getWork, type WorkAsk, type WorkView } from './get-work.query';
import { listAlerts, type AlertAsk, type AlertsView } from './list-alerts.query';
import { listDeliveries, type DeliveriesAsk, type DeliveriesView } from './list-deliveries.query';
import { listFlakes, type FlakesAsk, type FlakesView } from './list-flakes.query';
import { listTasks, type TasksAsk, type TasksView } from './list-tasks.query';
import type { QueueAsk } from './queue-page';
import type { PastQueueDeps, QueueDeps } from './queue-rows';

export class GetQueue extends Query<QueueView> {
  /** @param at as of when; null for now. */
  constructor(
    readonly ask: QueueAsk = {},
    readonly at: string | null = null,
  ) {
    super();
  }
}

export class ListFlakes extends Query<FlakesView> {
  constructor(readonly ask: FlakesAsk) {
    super();
  }
}

export class ListTasks extends Query<TasksView> {
  constructor(readonly ask: TasksAsk) {
    super();
  }
}

export class ListAlerts extends Query<AlertsView> {
  constructor(readonly ask: AlertAsk) {
    super();
  }
}

export class ListDeliveries extends Query<DeliveriesView> {
  constructor(readonly ask: DeliveriesAsk) {
    super();
  }
}

export class GetTask extends Query<TaskView | null> {
  constructor(readonly id: TaskId) {
    super();
  }
}

export class GetWhy extends Query<WhyView | null> {
  constructor(readonly id: TaskId) {
    super();
  }
}

export class GetWork extends Query<WorkView> {
  constructor(readonly ask: WorkAsk) {
    super();
  }
}

@QueryHandler(ListAlerts)
export class ListAlertsHandler implements IQueryHandler<ListAlerts> {
  constructor(
    private readonly models: ReadModels,
    private readonly projects: Projects,
  ) {}

  execute({ ask }: ListAlerts): Promise<AlertsView> {
    const { models, projects } = this;
    return listAlerts({ models, projects }, ask);
  }
}

@QueryHandler(ListDeliveries)
export class ListDeliveriesHandler implements IQueryHandler<ListDeliveries> {
  constructor(
    private readonly models: ReadModels,
    private readonly projects: Projects,
  ) {}

  execute({ ask }: ListDeliveries): Promise<DeliveriesView> {
    const { models, projects } = this;
    return listDeliveries({ models, projects }, ask);
  }
}

@QueryHandler(ListFlakes)
export class ListFlakesHandler implements IQueryHandler<ListFlakes> {
  constructor(
    private readonly models: ReadModels,
    private readonly projects: Projects,
  ) {}

  execute({ ask }: ListFlakes): Promise<FlakesView> {
    const { models, projects } = this;
    return listFlakes({ models, projects }, ask);
  }
}

@QueryHandler(GetQueue)
export class GetQueueHandler implements IQueryHandler<GetQueue> {
  private readonly deps: PastQueueDeps;

  constructor(
    models: ReadModels,
    store: EventStore,
    projects: Projects,
    clock: Clock,
    past: Past,
    damage: KnownDamage,
    subscribers: Subscribers,
    slotLines: SlotLines,
  ) {
    this.deps = { models, store, projects, clock, past, damage, subscribers, slotLines };
  }

  execute({ ask, at }: GetQueue): Promise<QueueView> {
    return at === null ? getQueue(this.deps, ask) : getPastQueue(this.deps, at, ask);
  }
}

/** What is answered from the tasks as they stand. Nest reads what it needs from here. */
@Injectable()
class OfOpenTasks {
  protected readonly deps: QueueDeps;

  constructor(
    models: ReadModels,
    store: EventStore,
    projects: Projects,
    clock: Clock,
    damage: KnownDamage,
    slotLines: SlotLines,
  ) {
    this.deps = { models, store, projects, clock, damage, slotLines };
  }
}

@QueryHandler(ListTasks)
export class ListTasksHandler extends OfOpenTasks implements IQueryHandler<ListTasks> {
  execute({ ask }: ListTasks): Promise<TasksView> {
    return listTasks(this.deps, ask);
  }
}

@QueryHandler(GetTask)
export class GetTaskHandler extends OfOpenTasks implements IQueryHandler<GetTask> {
  execute({ id }: GetTask): Promise<TaskView | null> {
    return getTask(this.deps, id);
  }
}

@QueryHandler(GetWhy)
export class GetWhyHandler extends OfOpenTasks implements IQueryHandler<GetWhy> {
  execute({ id }: GetWhy): Promise<WhyView | null> {
    return getWhy(this.deps, id);
  }
}

@QueryHandler(GetWork)
export class GetWorkHandler extends OfOpenTasks implements IQueryHandler<GetWork> {
  execute({ ask }: GetWork): Promise<WorkView> {
    return getWork(this.deps, ask);
  }
}
