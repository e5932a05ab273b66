import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ProjectScope } from '../../domain/authority/principal';
import { Reading } from '../reading';
import { Views } from '../views';
import { getRun, listRuns, type RunsFilter, type RunsView, type RunView } from './list-runs.query';

export class ListRuns extends Reading<RunsView> {
  constructor(
    within: ProjectScope,
    readonly filter: RunsFilter = {},
  ) {
    super(within);
  }
}

export class GetRun extends Reading<RunView | null> {
  constructor(
    within: ProjectScope,
    readonly runId: string,
  ) {
    super(within);
  }
}

@QueryHandler(ListRuns)
export class ListRunsHandler implements IQueryHandler<ListRuns> {
  constructor(private readonly views: Views) {}

  execute({ within, filter }: ListRuns): Promise<RunsView> {
    return listRuns(this.views.within(within).models, filter);
  }
}

@QueryHandler(GetRun)
export class GetRunHandler implements IQueryHandler<GetRun> {
  constructor(private readonly views: Views) {}

  execute({ within, runId }: GetRun): Promise<RunView | null> {
    return getRun(this.views.within(within).models, runId);
  }
}
