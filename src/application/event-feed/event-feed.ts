import type { Damage } from '../../domain/damage';
import type { LogIdentity } from '../log-identity';
import { comparePositions } from '../position';
import type { Clock } from '../ports/clock';
import type { EventStore, Position, StoredEvent } from '../ports/event-store';
import { isWanted, prefixesOf, type EventFilter } from './event-filter';
import { EventTail } from './event-tail';
import { PUBLISHED_PREFIXES, publishedEvent, type PublishedEvent } from './published-event';
import { Turns } from './turns';

export interface FeedDeps {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Pick<LogIdentity, 'nameIfAny'>;
  readonly damageOf: (stream: string) => Damage | null;
  /** A place that is not behind the end of the log, and not far from it; a search from the beginning takes longer. */
  readonly nearEnd: () => Promise<Position | 'start'>;
}

export interface FeedPage {
  /** Those that are wanted. */
  readonly events: readonly PublishedEvent[];
  /** Everything up to there is in the page or not wanted. */
  readonly next: Position;
  /** Events that were looked at. */
  readonly looked: number;
  readonly isEnd: boolean;
}

const BEGINNING: Position = { commit: 0n, prepare: 0n };
/** Pages of the log that are in memory at once, whoever reads: an event may have a megabyte. */
const READS_AT_ONCE = 2;
const PAGE = 500;

/** The log as others follow it: in order, each event once, from any position on. */
export class EventFeed {
  private readonly turns = new Turns(READS_AT_ONCE);
  private readonly heeding = new Set<() => void>();
  private tail: Promise<EventTail> | null = null;
  private followers = 0;
  private ended: Position = BEGINNING;

  constructor(private readonly deps: FeedDeps) {}

  /** Where the log ends. */
  async end(): Promise<Position> {
    const near = comparePositions(this.ended, BEGINNING) === 0 ? await this.deps.nearEnd() : this.ended;
    let at = near === 'start' ? BEGINNING : near;
    for (;;) {
      const page = await this.deps.store.readAll({ after: at, prefixes: PUBLISHED_PREFIXES, limit: PAGE });
      at = page.next;
      if (page.end) return (this.ended = at);
    }
  }

  /** Whether the log goes as far as that. It does not where it was replaced by an older copy, or by another store's. */
  async holds(position: Position): Promise<boolean> {
    const isOfAnother = this.deps.store.info.kind !== 'eventstoredb' && position.commit !== position.prepare;
    return !isOfAnother && comparePositions(position, await this.end()) <= 0;
  }

  /**
   * Hands over the events behind a position, and has the next reader wait until `take` is done with them.
   *
   * @param limit events that are read at most; others may be left out of them.
   */
  read<T>(after: Position, filter: EventFilter, limit: number, take: (page: FeedPage) => Promise<T> | T): Promise<T> {
    return this.turns.take(async () => {
      const {
        events: stored,
        next,
        end,
      } = await this.deps.store.readAll({
        after,
        prefixes: prefixesOf(filter),
        limit,
      });
      const events: PublishedEvent[] = [];
      for (const one of stored) {
        const event = await this.publish(one);
        if (event && isWanted(filter, event)) events.push(event);
      }
      return take({ events, next, looked: stored.length, isEnd: end });
    });
  }

  /** The end of the log, kept in memory for as long as somebody follows it. */
  async follow<T>(work: (tail: EventTail) => Promise<T>): Promise<T> {
    this.followers += 1;
    try {
      return await work(await this.startedTail());
    } finally {
      this.followers -= 1;
      if (this.followers === 0) await this.stop();
    }
  }

  /** Told whenever the log says something new about who is let in, while somebody follows. @returns to call it off. */
  heedAccess(heed: () => void): () => void {
    this.heeding.add(heed);
    return () => this.heeding.delete(heed);
  }

  async stop(): Promise<void> {
    const tail = this.tail;
    this.tail = null;
    await tail?.then(
      (one) => one.stop(),
      () => undefined,
    );
  }

  /** One that could not be begun is begun anew by the next one who asks. */
  private startedTail(): Promise<EventTail> {
    this.tail ??= this.startTail().catch((error: unknown) => {
      this.tail = null;
      throw error;
    });
    return this.tail;
  }

  private async startTail(): Promise<EventTail> {
    const { store, clock } = this.deps;
    const onAccess = () => {
      for (const heed of [...this.heeding]) heed();
    };
    return new EventTail({ store, clock, publish: (stored) => this.publish(stored), onAccess }, await this.end());
  }

  private async publish(stored: StoredEvent): Promise<PublishedEvent | null> {
    const { log, damageOf } = this.deps;
    return publishedEvent(stored, (await log.nameIfAny()) ?? '', damageOf(stored.stream));
  }
}
