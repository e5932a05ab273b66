import { PolicyRepository } from '../application/conductor/policy-repository';
import type { OutsideDeps } from '../application/outside/outside-deps';
import { OutsideWork } from '../application/outside/outside-work';
import { TakeWork } from '../application/outside/take-work';
import type { KnownDamage } from '../application/known-damage';
import type { WorkerHost } from '../application/ports/worker-host';
import type { Damage } from '../domain/damage';
import type { ProjectionRunner } from '../projections/following/projection-runner';
import type { ReadModels } from '../projections/read-models';
import { getWork } from '../projections/queue/get-work.query';
import { OUTSIDE_BOUND_MS } from './defaults';

/** Work for whoever does it elsewhere. */
export interface Outside {
  readonly taking: TakeWork;
  readonly work: OutsideWork;
}

/** What there is of it in a process. */
export interface OutsideParts extends Omit<OutsideDeps, 'projects' | 'boundMs' | 'isPolicyInForce' | 'offers'> {
  readonly host: WorkerHost;
  readonly models: ReadModels;
  readonly damage: KnownDamage;
  readonly projector: ProjectionRunner;
  readonly settings: Pick<OutsideDeps, 'projects'> & { readonly outsideBoundMs?: number };
}

export function outsideOf(core: OutsideParts, onDamage: (damage: Damage) => void): Outside {
  const { store, clock, ids, hasher, host, models, damage, projector, settings } = core;
  const { projects, outsideBoundMs: boundMs = OUTSIDE_BOUND_MS } = settings;
  const policies = new PolicyRepository({ store, clock, ids, hasher, worker: host.self, onDamage });
  const { executor, tasks, git, ground, artifacts } = core;
  const deps: OutsideDeps = {
    ...{ executor, tasks, store, projects, git, ...(ground && { ground }), artifacts, clock, ids, hasher, boundMs },
    isPolicyInForce: (project) => policies.isInForceNow(project),
    offers: async (ask) => {
      await projector.catchUp();
      const { items } = await getWork({ models, store, projects, clock, damage }, ask);
      return items.map(({ task }) => task);
    },
  };
  return { taking: new TakeWork(deps), work: new OutsideWork(deps) };
}
