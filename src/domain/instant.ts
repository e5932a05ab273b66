/** A point in time as events store it: ISO 8601, UTC, milliseconds, so that text order is time order. */
export type Instant = string;

export function instant(epochMs: number): Instant {
  return new Date(epochMs).toISOString();
}

export function epochMs(at: Instant): number {
  return Date.parse(at);
}

/** Of RFC 3339: seconds and their fraction may be left out, the zone may not. */
const WRITTEN =
  /^(\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d)(?::[0-5]\d(?:\.\d{1,3})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Completes "expected …". */
export const AN_INSTANT = 'an instant such as 2025-01-31T09:30:00Z';

/**
 * An instant that somebody has written.
 *
 * @returns null when it is none. `Date.parse` alone takes the 30th of February for the 2nd of March.
 */
export function parseInstant(text: string): Instant | null {
  const [, minute] = WRITTEN.exec(text) ?? [];
  if (minute === undefined) return null;
  const asUtc = Date.parse(`${minute}:00Z`);
  const isOfCalendar = !Number.isNaN(asUtc) && instant(asUtc).startsWith(minute);
  return isOfCalendar ? instant(Date.parse(text)) : null;
}

/** What the clocks of hosts may differ by. More is a clock that was set. */
const CLOCK_TOLERANCE_MS = 60_000;

/** True when a wait is over, or more is left of it than it ever was to last: then the clock was set back since. */
export function isWaitOver(wait: { readonly since: Instant; readonly until: Instant }, now: Instant): boolean {
  const leftMs = epochMs(wait.until) - epochMs(now);
  const wholeMs = epochMs(wait.until) - epochMs(wait.since);
  return leftMs <= 0 || leftMs > wholeMs + CLOCK_TOLERANCE_MS;
}

export function plusMs(at: Instant, durationMs: number): Instant {
  return instant(epochMs(at) + durationMs);
}
