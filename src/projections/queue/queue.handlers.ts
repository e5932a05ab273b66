import { Injectable } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ProjectScope } from '../../domain/authority/principal';
import type { TaskId } from '../../domain/ids';
import { Reading } from '../reading';
import { Views } from '../views';
import { getPastQueue, getQueue, type QueueView } from './get-queue.query';
import { getTask, getWhy, type TaskView, type WhyView } from './get-task.query';
import { getWork, type WorkAsk, type WorkView } from './get-work.query';
import { listAlerts, type AlertAsk, type AlertsView } from './list-alerts.query';
import { listDeliveries, type DeliveriesAsk, type DeliveriesView } from './list-deliveries.query';
import { listFlakes, type FlakesAsk, type FlakesView } from './list-flakes.query';
import { listTasks, type TasksAsk, type TasksView } from './list-tasks.query';
import type { QueueAsk } from './queue-page';

export class GetQueue extends Reading<QueueView> {
  /** @param at as of when; null for now. */
  constructor(
    within: ProjectScope,
    readonly ask: QueueAsk = {},
    readonly at: string | null = null,
  ) {
    super(within);
  }
}

export class ListFlakes extends Reading<FlakesView> {
  constructor(
    within: ProjectScope,
    readonly ask: FlakesAsk,
  ) {
    super(within);
  }
}

export class ListTasks extends Reading<TasksView> {
  constructor(
    within: ProjectScope,
    readonly ask: TasksAsk,
  ) {
    super(within);
  }
}

export class ListAlerts extends Reading<AlertsView> {
  constructor(
    within: ProjectScope,
    readonly ask: AlertAsk,
  ) {
    super(within);
  }
}

export class ListDeliveries extends Reading<DeliveriesView> {
  constructor(
    within: ProjectScope,
    readonly ask: DeliveriesAsk,
  ) {
    super(within);
  }
}

export class GetTask extends Reading<TaskView | null> {
  constructor(
    within: ProjectScope,
    readonly id: TaskId,
  ) {
    super(within);
  }
}

export class GetWhy extends Reading<WhyView | null> {
  constructor(
    within: ProjectScope,
    readonly id: TaskId,
  ) {
    super(within);
  }
}

export class GetWork extends Reading<WorkView> {
  constructor(
    within: ProjectScope,
    readonly ask: WorkAsk,
  ) {
    super(within);
  }
}

/** Nest reads what it needs from here. */
@Injectable()
class OfViews {
  constructor(protected readonly views: Views) {}
}

@QueryHandler(ListAlerts)
export class ListAlertsHandler extends OfViews implements IQueryHandler<ListAlerts> {
  execute({ within, ask }: ListAlerts): Promise<AlertsView> {
    return listAlerts(this.views.within(within), ask);
  }
}

@QueryHandler(ListDeliveries)
export class ListDeliveriesHandler extends OfViews implements IQueryHandler<ListDeliveries> {
  execute({ within, ask }: ListDeliveries): Promise<DeliveriesView> {
    return listDeliveries(this.views.within(within), ask);
  }
}

@QueryHandler(ListFlakes)
export class ListFlakesHandler extends OfViews implements IQueryHandler<ListFlakes> {
  execute({ within, ask }: ListFlakes): Promise<FlakesView> {
    return listFlakes(this.views.within(within), ask);
  }
}

@QueryHandler(GetQueue)
export class GetQueueHandler extends OfViews implements IQueryHandler<GetQueue> {
  execute({ within, ask, at }: GetQueue): Promise<QueueView> {
    const view = this.views.within(within);
    return at === null ? getQueue(view, ask) : getPastQueue(view, at, ask);
  }
}

@QueryHandler(ListTasks)
export class ListTasksHandler extends OfViews implements IQueryHandler<ListTasks> {
  execute({ within, ask }: ListTasks): Promise<TasksView> {
    return listTasks(this.views.within(within), ask);
  }
}

@QueryHandler(GetTask)
export class GetTaskHandler extends OfViews implements IQueryHandler<GetTask> {
  execute({ within, id }: GetTask): Promise<TaskView | null> {
    return getTask(this.views.within(within), id);
  }
}

@QueryHandler(GetWhy)
export class GetWhyHandler extends OfViews implements IQueryHandler<GetWhy> {
  execute({ within, id }: GetWhy): Promise<WhyView | null> {
    return getWhy(this.views.within(within), id);
  }
}

@QueryHandler(GetWork)
export class GetWorkHandler extends OfViews implements IQueryHandler<GetWork> {
  execute({ within, ask }: GetWork): Promise<WorkView> {
    return getWork(this.views.within(within), ask);
  }
}
