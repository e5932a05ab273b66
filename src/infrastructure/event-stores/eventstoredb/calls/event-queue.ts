import type { Readable } from 'node:stream';
import type { Position, StoredEvent } from '../../../../application/ports/event-store';
import { TookTooLong } from './collect';
import { toStored, type Recorded } from '../stored-event';

/** What a subscription tells, in its order. */
export type Told =
  | { readonly kind: 'event'; readonly event: StoredEvent }
  | { readonly kind: 'place'; readonly position: Position }
  | { readonly kind: 'caught-up' };

interface ClientSubscription extends Readable {
  unsubscribe(): Promise<void>;
}

interface Resolved {
  readonly event?: unknown;
}

/** Above it the server has to wait. */
const MOST_WAITING = 64;

/**
 * A subscription as a queue to take from. The client calls back for places and for `caughtUp` while events that come before
 * them still wait in its buffer: here each stands where it belongs.
 */
export class EventQueue {
  private readonly waiting: Told[] = [];
  /** Told early: due when so many events have come. */
  private readonly early: { readonly after: number; readonly told: Told }[] = [];
  private events = 0;
  private failure: { readonly error: unknown } | null = null;
  private source: ClientSubscription | null = null;
  private wake: () => void = () => undefined;
  private confirmation: NodeJS.Timeout | null = null;

  constructor(private readonly confirmedWithinMs: number) {}

  follow(source: ClientSubscription): void {
    this.source = source;
    this.confirmation = setTimeout(() => {
      this.fail(new TookTooLong(this.confirmedWithinMs));
      this.stop();
    }, this.confirmedWithinMs);
    source.on('confirmation', () => {
      this.confirmed();
    });
    source.on('caughtUp', () => {
      this.tell({ kind: 'caught-up' });
    });
    source.on('data', (resolved: Resolved) => {
      this.take(resolved);
    });
    source.on('end', () => {
      this.fail(new Error('the server ended the subscription'));
    });
    source.on('error', (error) => {
      this.fail(error);
    });
  }

  place(position: Position): void {
    this.tell({ kind: 'place', position });
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  /** @returns null when `signal` aborts. @throws why nothing comes any more */
  async next(signal: AbortSignal): Promise<Told | null> {
    for (;;) {
      if (signal.aborted) return null;
      const told = this.waiting.shift();
      if (told) {
        if (this.waiting.length < MOST_WAITING / 2) this.source?.resume();
        return told;
      }
      if (this.failure) throw this.failure.error;
      await this.more(signal);
    }
  }

  stop(): void {
    this.confirmed();
    const { source } = this;
    if (!source || source.destroyed) return;
    source.unsubscribe().catch(() => undefined);
    source.destroy();
  }

  private take({ event }: Resolved): void {
    this.events += 1;
    try {
      if (event !== undefined) this.waiting.push({ kind: 'event', event: toStored(event as Recorded) });
    } catch (error) {
      this.fail(error);
      this.stop();
      return;
    }
    while (this.early[0] && this.early[0].after <= this.events)
      this.waiting.push(...this.early.splice(0, 1).map(({ told }) => told));
    if (this.waiting.length >= MOST_WAITING) this.source?.pause();
    this.wake();
  }

  private tell(told: Told): void {
    const after = this.events + (this.source?.readableLength ?? 0);
    if (after > this.events) {
      this.early.push({ after, told });
      return;
    }
    this.waiting.push(told);
    this.wake();
  }

  private fail(error: unknown): void {
    this.failure ??= { error };
    this.confirmed();
    this.wake();
  }

  private confirmed(): void {
    if (this.confirmation) clearTimeout(this.confirmation);
    this.confirmation = null;
  }

  private async more(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        this.wake = () => undefined;
        resolve();
      };
      this.wake = done;
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
