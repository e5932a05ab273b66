/** A point in time as events store it: ISO 8601, UTC, milliseconds, so that text order is time order. */
export type Instant = string;

export function instant(epochMs: number): Instant {
  return new Date(epochMs).toISOString();
}

export function epochMs(at: Instant): number {
  return Date.parse(at);
}

export function plusMs(at: Instant, durationMs: number): Instant {
  return instant(epochMs(at) + durationMs);
}
