import type { Kysely } from 'kysely';
import { RequestRefused } from '../../application/refusals';
import type { Clock } from '../../application/ports/clock';
import type { EventStore } from '../../application/ports/event-store';
import { epochMs, instant, type Instant } from '../../domain/instant';
import { PROJECTED_PREFIXES } from '../events/log-event';
import type { LogIdentity } from '../../application/log-identity';
import { PastCache } from './past-cache';
import { parsePastPlace, placeText, type PastPlace } from './past-place';
import { foldUpTo, isStillWhole, type PastSnapshot } from './past-snapshot';
import { comparePositions, parsePosition, positionText, START, type PositionText } from '../events/position';
import type { Projection } from '../projection';
import { ReadModels, type SeenModels } from '../read-models';
import type { ProjectScope } from '../../domain/authority/principal';

export interface PastDeps {
  readonly store: EventStore;
  readonly log: LogIdentity;
  readonly clock: Clock;
  /** The live ones. */
  readonly models: ReadModels;
  /** An empty database for this process alone. */
  readonly openScratch: () => Kysely<unknown>;
}

/** Read models as they were, and what the clock said. */
export interface PastView {
  readonly models: SeenModels;
  readonly now: Instant;
  readonly position: PositionText;
}

/** What somebody may see of it. */
export type SeenPast = Pick<Past, 'read'>;

/**
 * Any moment of the past: the log is folded up to there by the projectors that fold it when it is live, page by page, so
 * that the present is not kept waiting.
 */
export class Past {
  private readonly cache = new PastCache();

  constructor(
    private readonly deps: PastDeps,
    private readonly projection: Projection,
  ) {}

  /**
   * @param at a position as views show it, or an instant in ISO 8601 with its zone.
   * @throws RequestRefused for anything else and for what has not happened yet; StoreBusy when too many ask at once.
   */
  read<T>(at: string, work: (view: PastView) => Promise<T>): Promise<T> {
    return this.readWithin('*', at, work);
  }

  private async readWithin<T>(scope: ProjectScope, at: string, work: (view: PastView) => Promise<T>): Promise<T> {
    const place = parsePastPlace(at);
    if (!place) throw refused(at, 'a position like 1234/1234 or an instant like 2025-01-31T09:30:00Z');
    await this.mustHaveHappened(place, at);
    const { clock, openScratch } = this.deps;
    const maker = {
      clock,
      openScratch,
      fold: (db: Kysely<unknown>) => foldUpTo(this.deps, db, this.projection, place),
      isUsable: async (made: PastSnapshot) => !made.isOpen || (await isStillWhole(this.deps, made, place)),
    };
    return this.cache.use(placeText(place), maker, (snapshot) => work(this.viewOf(snapshot, place, scope)));
  }

  /** The same without the rows of other projects. */
  within(scope: ProjectScope): SeenPast {
    if (scope === '*') return this;
    return { read: (at, work) => this.readWithin(scope, at, work) };
  }

  close(): Promise<void> {
    return this.cache.close();
  }

  private viewOf({ db, position, lastMs }: PastSnapshot, place: PastPlace, scope: ProjectScope): PastView {
    const shown = place.by === 'instant' ? position : place.position.commit === 0n ? 'start' : place.position;
    return {
      models: new ReadModels(db, this.deps.log).within(scope),
      now: place.by === 'instant' ? place.instant : instant(lastMs ?? this.deps.clock.now()),
      position: shown === 'start' ? START : positionText(shown),
    };
  }

  /** Said before anything is folded. */
  private async mustHaveHappened(place: PastPlace, at: string): Promise<void> {
    if (place.by === 'instant') {
      const now = this.deps.clock.now();
      if (epochMs(place.instant) > now) throw refused(at, `an instant up to now, ${instant(now)}`);
      return;
    }
    const head = await this.headFor(place.position);
    if (comparePositions(head, place.position) < 0)
      throw refused(at, `a position up to the end of the log, ${head === 'start' ? START : positionText(head)}`);
  }

  /** The end of the log, or any place that is not before the given one. */
  private async headFor(position: Parameters<typeof positionText>[0]) {
    const { models, store } = this.deps;
    const live = await models.readIfBuilt(this.projection, (snapshot) => Promise.resolve(snapshot.position));
    let head = parsePosition(live?.value ?? START);
    for (;;) {
      if (comparePositions(head, position) >= 0) return head;
      const after = head === 'start' ? {} : { after: head };
      const page = await store.readAll({ ...after, prefixes: PROJECTED_PREFIXES, limit: 1 });
      head = page.next;
      if (page.end) return head;
    }
  }
}

function refused(at: string, expected: string): RequestRefused {
  return new RequestRefused('invalid', 'invalid-at', `at: expected ${expected}, saw ${JSON.stringify(at)}`);
}
