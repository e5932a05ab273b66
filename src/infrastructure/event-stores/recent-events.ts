import type { ReadAllPage, StoredEvent } from '../../application/ports/event-store';
import type { JsonObject } from '../../domain/json';
import type { AppendDecision } from './append-decision';
import type { ReadOn } from './follow';
import type { ValidAppend } from './validate-append';

/** A few commits of a busy service; a follower that is further behind reads the log. */
const MOST_EVENTS = 500;

/**
 * The end of the log as far as this process has appended it itself: its followers are given that instead of reading it
 * back, once each. Only for a log whose positions have no gaps: the event behind a position is then the next one, whoever
 * else writes.
 */
export class RecentEvents {
  /** Without a gap, the last at position `last`. Each is made when the first follower asks. */
  private kept: (() => StoredEvent)[] = [];
  private last = 0n;

  /** @param decisions of the batch, in order */
  keep(batch: readonly ValidAppend[], decisions: readonly AppendDecision[]): void {
    batch.forEach((append, index) => {
      const decision = decisions[index];
      if (decision?.status === 'ok') this.keepOne(append, decision);
    });
    // Now and then, many at a time.
    if (this.kept.length > 2 * MOST_EVENTS) this.kept.splice(0, this.kept.length - MOST_EVENTS);
  }

  /** Somebody else has appended: where the log ends, only the log can tell. */
  forget(): void {
    this.kept = [];
  }

  /** A page as a follower asks for it; null when it has to be read. */
  pageAfter({ after: { commit: at }, prefixes, limit }: Parameters<ReadOn>[0]): ReadAllPage | null {
    const skipped = BigInt(this.kept.length) - (this.last - at);
    if (at >= this.last || skipped < 0n) return null;
    const events: StoredEvent[] = [];
    let next = at;
    for (const make of this.kept.slice(Number(skipped))) {
      if (events.length === limit) break;
      const event = make();
      if (prefixes.some((prefix) => event.stream.startsWith(prefix))) events.push(event);
      next += 1n;
    }
    return { events, next: { commit: next, prepare: next }, end: next === this.last };
  }

  private keepOne({ stream, events }: ValidAppend, { revision, position, recordedAt }: Stored): void {
    const before = BigInt(events.length) - 1n;
    if (position - before !== this.last + 1n) this.kept = [];
    this.last = position;
    events.forEach(({ id, type, data, meta }, index) => {
      const back = before - BigInt(index);
      const commit = position - back;
      this.kept.push(
        once(() => ({
          id,
          type,
          // From text, as whoever reads the log gets it.
          data: JSON.parse(data) as JsonObject,
          meta: JSON.parse(meta) as JsonObject,
          stream,
          revision: revision - back,
          position: { commit, prepare: commit },
          recordedAt,
        })),
      );
    });
  }
}

type Stored = Extract<AppendDecision, { status: 'ok' }>;

function once<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => (made ??= make());
}
