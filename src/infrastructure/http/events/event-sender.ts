import { setImmediate } from 'node:timers/promises';
import type { Response } from 'express';
import type { EventFeed } from '../../../application/event-feed/event-feed';
import { isWanted, type EventFilter } from '../../../application/event-feed/event-filter';
import type { EventTail } from '../../../application/event-feed/event-tail';
import type { PublishedEvent } from '../../../application/event-feed/published-event';
import { comparePositions, positionText } from '../../../application/position';
import type { Position } from '../../../application/ports/event-store';
import type { HttpLimits } from '../http-limits';
import { eventFrame, FIRST_FRAME, HEARTBEAT_FRAME, placeFrame } from './event-frames';

/** What is written at once, before it is asked whether the reader keeps up. */
const CHUNK_BYTES = 32 * 1024;
const FIRST_PAGE = 16;
const LARGEST_PAGE = 256;
/** After so many events that its filter has left out a reader learns how far it has got. */
const MOST_SKIPPED = 500;

export interface SenderDeps {
  readonly feed: EventFeed;
  readonly response: Response;
  readonly filter: EventFilter;
  readonly limits: Pick<HttpLimits, 'heartbeatMs' | 'takenWithinMs'>;
  /** The reader has taken nothing for too long. */
  readonly onCutOff: () => void;
  /** Ends the stream. */
  readonly signal: AbortSignal;
}

/** How far it came, and whether the reader has to take something before there is more. */
interface Sent {
  readonly at: Position;
  readonly isFull: boolean;
}

/**
 * Sends the log to one reader, no faster than that one takes it. Nothing is kept for a reader that waits but what is on its way
 * already: the rest is read again. One that takes nothing for too long is cut off, and comes back with its last id.
 */
export class EventSender {
  private told: Position;
  private skipped = 0;
  private pageSize = FIRST_PAGE;

  /** @param at everything behind it is sent. */
  constructor(
    private readonly deps: SenderDeps,
    private at: Position,
  ) {
    this.told = at;
  }

  /** Until the signal aborts, or the reader is cut off. @throws what the store throws while it cannot be read. */
  async run(): Promise<void> {
    const { feed, response, limits } = this.deps;
    response.write(FIRST_FRAME + placeFrame(positionText(this.at)));
    const beat = setInterval(() => {
      this.beat();
    }, limits.heartbeatMs);
    try {
      await feed.follow((tail) => this.follow(tail));
    } finally {
      clearInterval(beat);
    }
  }

  private async follow(tail: EventTail): Promise<void> {
    const { signal } = this.deps;
    while (!signal.aborted) {
      const { seen } = tail;
      const before = this.at;
      const known = tail.after(before);
      const isFull = known ? this.sendKnown(known) : await this.sendRead();
      if (isFull) await this.taken();
      // Nothing has moved: there is nothing more until the log grows.
      else if (known || comparePositions(before, this.at) === 0) await tail.grown(seen, signal);
    }
  }

  private sendKnown({ events, next }: { events: readonly PublishedEvent[]; next: Position }): boolean {
    const wanted = events.filter((event) => isWanted(this.deps.filter, event));
    this.skipped += events.length - wanted.length;
    return this.went(this.send(wanted, next));
  }

  /** A reader that takes little gets small pages: what it does not take is read for nothing. */
  private async sendRead(): Promise<boolean> {
    const { feed, filter } = this.deps;
    // An embedded store answers at once: whoever catches up would keep everybody waiting, and all that was written in memory.
    await setImmediate();
    return feed.read(this.at, filter, this.pageSize, ({ events, next, looked }) => {
      this.skipped += looked - events.length;
      const sent = this.send(events, next);
      const taken = events.filter(({ position }) => comparePositions(position, sent.at) <= 0).length;
      this.pageSize = Math.max(1, Math.min(LARGEST_PAGE, sent.isFull ? taken + 1 : this.pageSize * 2));
      return this.went(sent);
    });
  }

  private went({ at, isFull }: Sent): boolean {
    this.at = at;
    if (!isFull && this.skipped >= MOST_SKIPPED) this.tellPlace();
    return isFull;
  }

  /** Frame by frame as long as the reader takes them. */
  private send(events: readonly PublishedEvent[], next: Position): Sent {
    let frames: Buffer[] = [];
    let bytes = 0;
    for (const event of events) {
      const frame = eventFrame(event);
      frames.push(frame);
      bytes += frame.length;
      if (bytes < CHUNK_BYTES && event !== events.at(-1)) continue;
      this.told = event.position;
      this.skipped = 0;
      const isTaken = this.deps.response.write(frames.length === 1 ? frame : Buffer.concat(frames, bytes));
      if (!isTaken) return { at: event.position, isFull: true };
      [frames, bytes] = [[], 0];
    }
    return { at: next, isFull: false };
  }

  /** Resolves when the reader has taken everything, or is cut off. */
  private async taken(): Promise<void> {
    const { response, limits, signal, onCutOff } = this.deps;
    if (!response.writableNeedDrain || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const limit = setTimeout(() => {
        onCutOff();
        response.destroy();
      }, limits.takenWithinMs);
      const go = () => {
        clearTimeout(limit);
        response.off('drain', go).off('close', go);
        signal.removeEventListener('abort', go);
        resolve();
      };
      response.once('drain', go).once('close', go);
      signal.addEventListener('abort', go, { once: true });
    });
  }

  private beat(): void {
    // Whoever does not take what there is needs no sign of life.
    if (this.deps.response.writableNeedDrain || this.deps.signal.aborted) return;
    if (comparePositions(this.told, this.at) < 0) this.tellPlace();
    else this.deps.response.write(HEARTBEAT_FRAME);
  }

  private tellPlace(): void {
    this.told = this.at;
    this.skipped = 0;
    this.deps.response.write(placeFrame(positionText(this.at)));
  }
}
