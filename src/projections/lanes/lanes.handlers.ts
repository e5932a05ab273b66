import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ReadModels } from '../read-models';
import { listLanes, type LanesView } from './list-lanes.query';

export class ListLanes extends Query<LanesView> {
  constructor(readonly filter: { readonly project?: string } = {}) {
    super();
  }
}

@QueryHandler(ListLanes)
export class ListLanesHandler implements IQueryHandler<ListLanes> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter }: ListLanes): Promise<LanesView> {
    return listLanes(this.models, filter);
  }
}
