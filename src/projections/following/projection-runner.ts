import type { Kysely } from 'kysely';
import type { Clock } from '../../application/ports/clock';
import type { EventStore, Position } from '../../application/ports/event-store';
import type { Logger } from '../../application/ports/logger';
import { sleep } from '../../application/sleep';
import { instant, type Instant } from '../../domain/instant';
import { catchUpOnce } from './catch-up';
import { discard, startBuilding } from '../generations/change-generations';
import { currentOf, ensureGenerationTable, generationsOf } from '../generations/generations';
import { measureLag, type ProjectionLag } from './lag';
import type { LogIdentity } from '../../application/log-identity';
import { RowCache } from '../rows/row-cache';
import { PROJECTED_PREFIXES } from '../events/log-event';
import type { LogPage } from './log-page';
import type { PositionText } from '../events/position';
import type { Projection } from '../projection';
import { hasTables } from '../rows/tables';

export interface ProjectionRunnerDeps {
  readonly store: EventStore;
  readonly db: Kysely<unknown>;
  readonly log: LogIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Why read models do not follow the log. */
export interface Trouble {
  readonly error: string;
  readonly since: Instant;
}

/** A projection that was made again, and where its new tables stand. */
export interface Rebuilt {
  readonly projection: string;
  readonly version: number;
  readonly generation: number;
  readonly position: PositionText;
}

/** Events that come within this time share one transaction: nobody notices a queue that is as late as that. */
const GATHER_MS = 15;
/** Where there are many, a larger share of them costs less, and the one that is looked for is one of many. */
const GATHER_MANY_MS = 25;
const MANY = 64;

/**
 * Keeps read models at the head of the log. Any number of processes may do so on the same tables: a batch's rows and its
 * checkpoint are one transaction, and only one of them can move the checkpoint from where it was.
 */
export class ProjectionRunner {
  private readonly stopping = new AbortController();
  private queue: Promise<unknown> = Promise.resolve();
  private following: Promise<void> | null = null;
  private waiting: Promise<Position> | null = null;
  private readonly known = new RowCache();
  private isPrepared = false;
  private failing: Trouble | null = null;

  constructor(
    private readonly deps: ProjectionRunnerDeps,
    private readonly projections: readonly Projection[],
  ) {}

  /**
   * Projects everything that was in the log when it was called; builds what has not been built. A reader without a
   * running service calls this before it reads. One that has not begun serves all who ask meanwhile.
   *
   * @returns the position up to which the read models now reflect the log.
   */
  catchUp(): Promise<Position> {
    this.waiting ??= this.catchUpTo(() => {
      this.waiting = null;
      return undefined;
    });
    return this.waiting;
  }

  /** Resolves when the read models are at the head; from then on they follow it until `stop`. */
  async start(): Promise<void> {
    const after = await this.firstCatchUp();
    let from = after;
    const subscription = this.deps.store.subscribe({
      after,
      prefixes: PROJECTED_PREFIXES,
      onPage: async (events, next) => {
        if (events.length === 0) return;
        await this.project({ after: from, events, next });
        from = next;
        // The next page is read when others have gathered: fewer and larger ones.
        await sleep(this.deps.clock, events.length > MANY ? GATHER_MANY_MS : GATHER_MS, this.stopping.signal);
      },
      signal: this.stopping.signal,
    });
    this.following = subscription.done;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.following;
    await this.queue;
  }

  /**
   * Builds the named projections (default: all) again beside the live ones, then puts them in their place. One that is
   * being built already, by whatever process, is finished instead.
   */
  rebuild(names?: readonly string[]): Promise<readonly Rebuilt[]> {
    const { db, log } = this.deps;
    const chosen = this.projections.filter(({ name }) => names?.includes(name) ?? true);
    return this.oneAtATime(async () => {
      await this.prepare();
      for (const projection of chosen) await startBuilding(db, log, projection);
      await catchUpOnce({ ...this.deps, known: this.known }, this.projections);
      const known = await generationsOf(db, log, chosen);
      return chosen.flatMap((projection) => {
        const current = currentOf(known.get(projection));
        if (!current) return [];
        const { version, generation, position } = current;
        return [{ projection: projection.name, version, generation, position }];
      });
    });
  }

  get trouble(): Trouble | null {
    return this.failing;
  }

  lag(): Promise<readonly ProjectionLag[]> {
    return measureLag(this.deps, this.projections);
  }

  /**
   * At the first look and after every trouble, which may have put another database there: what is in it must have been
   * made from this very log, not from a later copy of it.
   */
  private async prepare(): Promise<void> {
    if (this.isPrepared) return;
    const { db, log, logger } = this.deps;
    await ensureGenerationTable(db);
    for (const [projection, generations] of await generationsOf(db, log, this.projections)) {
      for (const generation of generations) {
        const place = { projection: projection.name, position: generation.position };
        const isOfThisLog = await log.holds(generation.seen);
        if (isOfThisLog && (await hasTables(db, projection, generation.generation))) continue;
        if (isOfThisLog) logger.warn('a read model lacks tables or columns; it is made again', place);
        else logger.warn('a read model has seen what the log does not hold; it is made again', place);
        await discard(db, generation);
      }
    }
    this.isPrepared = true;
  }

  private oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => undefined);
    return done;
  }

  private catchUpTo(pageOf: () => LogPage | undefined): Promise<Position> {
    return this.oneAtATime(async () => {
      const page = pageOf();
      await this.prepare();
      return catchUpOnce({ ...this.deps, known: this.known, page }, this.projections);
    });
  }

  /** What is in the way is visible from here on; the caller decides whether to start again. */
  private async firstCatchUp(): Promise<Position> {
    try {
      const position = await this.catchUp();
      this.succeeded();
      return position;
    } catch (error) {
      // Nobody tries that again.
      if ((error as { code?: unknown }).code !== 'READ_MODEL_UNSUITABLE') this.failed(error);
      throw error;
    }
  }

  /** Nothing is skipped: the read models stay where they are, visibly, and the page comes again until the cause is gone. */
  private async project(page: LogPage): Promise<void> {
    try {
      await this.catchUpTo(() => page);
      this.succeeded();
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  private succeeded(): void {
    if (this.failing) this.deps.logger.info('read models follow the log again');
    this.failing = null;
  }

  private failed(error: unknown): void {
    const { clock, logger } = this.deps;
    if (!this.failing)
      logger.error('read models do not follow the log; trying until they do', { error: String(error) });
    this.failing = { error: String(error), since: this.failing?.since ?? instant(clock.now()) };
    this.isPrepared = false;
  }
}
