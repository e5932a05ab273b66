import type { Clock } from '../../../application/ports/clock';

/** What one request has left of a limit. */
export interface Left {
  readonly isWithin: boolean;
  /** Requests that may follow at once. */
  readonly remaining: number;
  /** Until there is one more, in whole seconds; 0 where there is. */
  readonly nextInS: number;
  /** Until all of them are there again, in whole seconds. */
  readonly fullInS: number;
}

interface Bucket {
  readonly level: number;
  readonly atMs: number;
}

/** What is remembered of callers at most: whoever was away longest is forgotten first, and begins anew with a full bucket. */
const MOST_BUCKETS = 10_000;
const MINUTE_MS = 60_000;

/** One bucket for each caller: it holds a minute's requests, and fills up evenly. */
export class Buckets {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly clock: Pick<Clock, 'monotonic'>,
    private readonly most = MOST_BUCKETS,
  ) {}

  get size(): number {
    return this.buckets.size;
  }

  /** @param perMinute more than 0. */
  take(caller: string, perMinute: number): Left {
    const now = this.clock.monotonic();
    const { level: before, atMs } = this.buckets.get(caller) ?? { level: perMinute, atMs: now };
    const filled = Math.min(perMinute, before + ((now - atMs) * perMinute) / MINUTE_MS);
    const isWithin = filled >= 1;
    const level = isWithin ? filled - 1 : filled;
    this.keep(caller, { level, atMs: now });
    const seconds = (requests: number) => Math.ceil((Math.max(0, requests) * 60) / perMinute);
    return {
      isWithin,
      remaining: Math.floor(level),
      nextInS: isWithin ? 0 : Math.max(1, seconds(1 - level)),
      fullInS: seconds(perMinute - level),
    };
  }

  private keep(caller: string, bucket: Bucket): void {
    // A map goes by what was set last.
    this.buckets.delete(caller);
    this.buckets.set(caller, bucket);
    if (this.buckets.size <= this.most) return;
    const [oldest] = this.buckets.keys();
    if (oldest !== undefined) this.buckets.delete(oldest);
  }
}
