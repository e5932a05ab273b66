import { Injectable } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { KnownDamage } from '../../application/known-damage';
import { ArtifactStore } from '../../application/ports/artifact-store';
import type { TaskId } from '../../domain/ids';
import type { PageAsk } from '../page';
import { ReadModels } from '../read-models';
import { getTaskEvents, type TaskEventsView } from './get-task-events.query';
import { listArtifacts, openArtifact, type ArtifactsView, type OpenArtifact } from './list-artifacts.query';

export class GetTaskEvents extends Query<TaskEventsView | null> {
  constructor(
    readonly id: TaskId,
    readonly ask: PageAsk = {},
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

  execute({ id, ask }: GetTaskEvents): Promise<TaskEventsView | null> {
    return getTaskEvents({ models: this.models, damage: this.damage }, id, ask);
  }
}

export class ListArtifacts extends Query<ArtifactsView | null> {
  constructor(
    readonly id: TaskId,
    readonly ask: PageAsk,
  ) {
    super();
  }
}

/** Whoever asks reads it or closes it. */
export class GetArtifact extends Query<OpenArtifact | null> {
  constructor(
    readonly id: TaskId,
    readonly named: string,
  ) {
    super();
  }
}

/** Nest reads what it needs from here. */
@Injectable()
class OfArtifacts {
  protected readonly deps: {
    readonly models: ReadModels;
    readonly damage: KnownDamage;
    readonly artifacts: ArtifactStore;
  };

  constructor(models: ReadModels, damage: KnownDamage, artifacts: ArtifactStore) {
    this.deps = { models, damage, artifacts };
  }
}

@QueryHandler(ListArtifacts)
export class ListArtifactsHandler extends OfArtifacts implements IQueryHandler<ListArtifacts> {
  execute({ id, ask }: ListArtifacts): Promise<ArtifactsView | null> {
    return listArtifacts(this.deps, id, ask);
  }
}

@QueryHandler(GetArtifact)
export class GetArtifactHandler extends OfArtifacts implements IQueryHandler<GetArtifact> {
  execute({ id, named }: GetArtifact): Promise<OpenArtifact | null> {
    return openArtifact(this.deps, id, named);
  }
}
