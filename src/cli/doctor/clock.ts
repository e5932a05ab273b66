import { fail, ok, type Finding } from './finding';

/** Clocks are set forth and back by about this much all the time, and nothing here depends on less. */
export const CLOCK_BACK_MS = 2_000;

/** @param newestMs time of the newest event, ms since 1970; null where there is none. */
export function clockFinding(newestMs: number | null, nowMs: number): Finding {
  const seen = new Date(nowMs).toISOString();
  if (newestMs === null || newestMs <= nowMs + CLOCK_BACK_MS) return ok('clock', seen);
  const newest = new Date(newestMs).toISOString();
  const aheadS = Math.ceil((newestMs - nowMs) / 1000);
  return fail(
    'clock',
    `${seen}, behind the log by ${aheadS} s`,
    `clock: expected ${newest} or later, which the newest event says, saw ${seen}; set the clock, and keep it by NTP`,
  );
}
