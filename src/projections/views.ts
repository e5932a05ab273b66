import type { KnownDamage, SeenDamage } from '../application/known-damage';
import type { ArtifactStore } from '../application/ports/artifact-store';
import type { Projects } from '../application/projects';
import type { ProjectScope } from '../domain/authority/principal';
import type { Past } from './past/past';
import type { PastQueueDeps } from './queue/queue-rows';
import type { ReadModels } from './read-models';

/** What this process knows, all of it. */
export interface WholeView extends PastQueueDeps {
  readonly models: ReadModels;
  readonly past: Past;
  readonly projects: Projects;
  readonly damage: KnownDamage;
  readonly artifacts: ArtifactStore;
}

/** What there is, to somebody who may see some of it. */
export type View = PastQueueDeps & {
  readonly damage: SeenDamage;
  /** By their digests, which only what somebody sees of a task tells. */
  readonly artifacts: ArtifactStore;
};

/** The one way to what is read: whoever asks gets what they may see, and has nothing else at hand. */
export class Views {
  constructor(private readonly whole: WholeView) {}

  within(scope: ProjectScope): View {
    if (scope === '*') return this.whole;
    const { models, past, projects, damage } = this.whole;
    return {
      ...this.whole,
      // They are about the log as a whole.
      subscribers: { names: [], views: () => Promise.resolve([]) },
      models: models.within(scope),
      past: past.within(scope),
      projects: projects.within(scope),
      damage: damage.within(scope),
    };
  }
}
