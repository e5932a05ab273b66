import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ProjectScope } from '../../domain/authority/principal';
import type { TaskId } from '../../domain/ids';
import type { PageAsk } from '../page';
import { Reading } from '../reading';
import { Views } from '../views';
import { getTaskEvents, type TaskEventsView } from './get-task-events.query';
import { listArtifacts, openArtifact, type ArtifactsView, type OpenArtifact } from './list-artifacts.query';

export class GetTaskEvents extends Reading<TaskEventsView | null> {
  constructor(
    within: ProjectScope,
    readonly id: TaskId,
    readonly ask: PageAsk = {},
  ) {
    super(within);
  }
}

@QueryHandler(GetTaskEvents)
export class GetTaskEventsHandler implements IQueryHandler<GetTaskEvents> {
  constructor(private readonly views: Views) {}

  execute({ within, id, ask }: GetTaskEvents): Promise<TaskEventsView | null> {
    return getTaskEvents(this.views.within(within), id, ask);
  }
}

export class ListArtifacts extends Reading<ArtifactsView | null> {
  constructor(
    within: ProjectScope,
    readonly id: TaskId,
    readonly ask: PageAsk,
  ) {
    super(within);
  }
}

/** Whoever asks reads it or closes it. */
export class GetArtifact extends Reading<OpenArtifact | null> {
  constructor(
    within: ProjectScope,
    readonly id: TaskId,
    readonly named: string,
  ) {
    super(within);
  }
}

@QueryHandler(ListArtifacts)
export class ListArtifactsHandler implements IQueryHandler<ListArtifacts> {
  constructor(private readonly views: Views) {}

  execute({ within, id, ask }: ListArtifacts): Promise<ArtifactsView | null> {
    return listArtifacts(this.views.within(within), id, ask);
  }
}

@QueryHandler(GetArtifact)
export class GetArtifactHandler implements IQueryHandler<GetArtifact> {
  constructor(private readonly views: Views) {}

  execute({ within, id, named }: GetArtifact): Promise<OpenArtifact | null> {
    return openArtifact(this.views.within(within), id, named);
  }
}
