import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ReadModels } from '../read-models';
import { listAlerts, type AlertsFilter, type AlertsView } from './list-alerts.query';

export class ListAlerts extends Query<AlertsView> {
  constructor(readonly filter: AlertsFilter = {}) {
    super();
  }
}

@QueryHandler(ListAlerts)
export class ListAlertsHandler implements IQueryHandler<ListAlerts> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter }: ListAlerts): Promise<AlertsView> {
    return listAlerts(this.models, filter);
  }
}
