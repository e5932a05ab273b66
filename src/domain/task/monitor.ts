import type { Digest } from '../ids';
import { plusMs, type Instant } from '../instant';
import type { MonitorPolicy } from '../policy/project-policy';
import type { MonitorWindow, SubmittedTask } from './task.state';

/** Bad polls whose words a window keeps: enough to see what is wrong, few enough for a state. */
const MOST_SEEN = 10;

export type MonitorStatus = 'HEALTHY' | 'DEGRADED';

/** How many polls a window has, unless bad ones end it before or keep it open. */
export function pollsIn({ everyMs, forMs }: MonitorPolicy): number {
  return Math.max(1, Math.ceil(forMs / everyMs));
}

export interface Polled {
  readonly ok: boolean;
  readonly seen: string;
  readonly startedAt: Instant;
  readonly asked?: Digest;
}

/** A window is of one way of asking: what was good by another says nothing about this one. */
function sameWay(before: MonitorWindow | null, { asked }: Pick<Polled, 'asked'>): MonitorWindow | null {
  const isOther = before?.asked !== undefined && asked !== undefined && before.asked !== asked;
  return isOther ? null : before;
}

export function windowAfter(known: MonitorWindow | null, polled: Polled): MonitorWindow {
  const before = sameWay(known, polled);
  const { ok, seen, startedAt, asked = before?.asked } = polled;
  const poll = (before?.polls ?? 0) + 1;
  const bad = before?.seen ?? [];
  // In the order of their names, as states are stored.
  return {
    ...(asked === undefined ? {} : { asked }),
    bad: (before?.bad ?? 0) + (ok ? 0 : 1),
    badInRow: ok ? 0 : (before?.badInRow ?? 0) + 1,
    firstAt: before?.firstAt ?? startedAt,
    lastAt: startedAt,
    polls: poll,
    seen: ok ? bad : [...bad, { at: startedAt, poll, seen }].slice(-MOST_SEEN),
  };
}

/**
 * Whether the window is over, and how. It never ends healthy on a bad poll: then it goes on until one is good, or enough in a row
 * are bad.
 */
export function statusOf(window: MonitorWindow, policy: MonitorPolicy): MonitorStatus | null {
  if (window.badInRow >= policy.failures) return 'DEGRADED';
  return window.polls >= pollsIn(policy) && window.badInRow === 0 ? 'HEALTHY' : null;
}

/** From when to when it waits for its next poll: what was deployed gets the time of one to come up. */
export function nextPoll(
  { monitor, stageSince }: Pick<SubmittedTask, 'monitor' | 'stageSince'>,
  { everyMs }: Pick<MonitorPolicy, 'everyMs'>,
): { readonly since: Instant; readonly until: Instant } {
  const since = monitor?.lastAt ?? stageSince;
  return { since, until: plusMs(since, everyMs) };
}

/** How far it is, as the middle of a sentence. */
export function windowText(window: MonitorWindow | null, policy: MonitorPolicy): string {
  const { polls = 0, bad = 0, badInRow = 0 } = window ?? {};
  const done = `${polls} of ${pollsIn(policy)} done`;
  if (bad === 0) return polls === 0 ? done : `${done}, healthy so far`;
  const last = badInRow === 0 ? 'the last one good' : `the last ${badInRow} in a row (${policy.failures} are degraded)`;
  return `${done}, ${bad} bad, ${last}`;
}

/** Why it ended so, in a line. */
export function finishText({ polls, bad, badInRow, seen }: MonitorWindow, status: MonitorStatus): string {
  if (status === 'HEALTHY')
    return bad === 0 ? `${polls} polls, all good` : `${polls} polls, ${bad} bad, the last one good`;
  const last = seen.at(-1)?.seen ?? '';
  return `${badInRow} bad in a row at poll ${polls}, the last one: ${last}`;
}
