import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ReadModels } from '../read-models';
import { getRun, listRuns, type RunsFilter, type RunsView, type RunView } from './list-runs.query';

export class ListRuns extends Query<RunsView> {
  constructor(readonly filter: RunsFilter = {}) {
    super();
  }
}

export class GetRun extends Query<RunView | null> {
  constructor(readonly runId: string) {
    super();
  }
}

@QueryHandler(ListRuns)
export class ListRunsHandler implements IQueryHandler<ListRuns> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter }: ListRuns): Promise<RunsView> {
    return listRuns(this.models, filter);
  }
}

@QueryHandler(GetRun)
export class GetRunHandler implements IQueryHandler<GetRun> {
  constructor(private readonly models: ReadModels) {}

  execute({ runId }: GetRun): Promise<RunView | null> {
    return getRun(this.models, runId);
  }
}
