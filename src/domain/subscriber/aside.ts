import { epochMs, instant, plusMs, type Instant } from '../instant';
import { storableText } from '../storable';
import { isSamePlace, leftMs, RETRY_MOST_MS, type Asker } from './standing';
import type { Ended, EventPlace, SetAside, SubscriberStanding } from './subscriber.events';

/** More than that are not set aside: what is behind then waits in the log, and each event of the stream stays small. */
export const MOST_ASIDE = 20;
/** A sink may be away for a night and a morning. */
export const GIVE_UP_MS = 24 * 60 * 60_000;
/** A clock that was put forward gives nothing up. */
const LEAST_TRIES = 8;
const FIRST_MS = 1_000;
const FACTOR = 4;
/** How long anybody waits for his next try, from the last one, once another one has got through. */
const AFTER_SUCCESS_MS = 30_000;
const NAME_CHARS = 300;
const ANSWER_CHARS = 200;

/** What is tried, and what came of it. */
export interface Tried {
  readonly event: EventPlace;
  readonly name: string;
  readonly answer: string;
}

/** Whether what comes next may be set aside if it has to be. */
export function hasRoom({ aside = [] }: SubscriberStanding): boolean {
  return aside.length < MOST_ASIDE;
}

/** Those whose time has come, who has waited longest first. */
export function dueAside({ aside = [] }: SubscriberStanding, asker: Asker): readonly SetAside[] {
  const due = aside.filter(({ dueAt }) => leftMs(dueAt, RETRY_MOST_MS, asker) === 0);
  return due.sort((one, other) => epochMs(one.triedAt) - epochMs(other.triedAt));
}

/** @returns milliseconds until the first of them is due; null where none is aside. */
export function asideWaitMs({ aside = [] }: SubscriberStanding, asker: Asker): number | null {
  const waits = aside.map(({ dueAt }) => leftMs(dueAt, RETRY_MOST_MS, asker));
  return waits.length === 0 ? null : Math.min(...waits);
}

/** @param before null where it was not aside. @param spread from 0 to 1: those who fail together do not come back together. */
export function triedInVain(before: SetAside | null, tried: Tried, now: Instant, spread: number): SetAside {
  const tries = (before?.tries ?? 0) + 1;
  const dueAt = plusMs(now, Math.round(delayMs(tries) * (0.75 + spread / 4)));
  return { ...told(tried), since: before?.since ?? now, tries, triedAt: now, dueAt };
}

/** Whether it has been tried for so long that a person has to ask for more. */
export function isSpent({ since, tries }: SetAside, now: Instant): boolean {
  return tries >= LEAST_TRIES && epochMs(now) - epochMs(since) >= GIVE_UP_MS;
}

export function endedAs(
  outcome: Ended['outcome'],
  before: Pick<SetAside, 'since' | 'tries'> | null,
  tried: Tried,
  now: Instant,
): Ended {
  return { ...told(tried), outcome, since: before?.since ?? now, tries: (before?.tries ?? 0) + 1 };
}

/** One got through, so whatever was in the way of all of them is gone. */
export function soonerAfterSuccess(aside: readonly SetAside[], now: Instant): readonly SetAside[] {
  return aside.map((each) => {
    const at = Math.max(epochMs(now), epochMs(each.triedAt) + AFTER_SUCCESS_MS);
    return at < epochMs(each.dueAt) ? { ...each, dueAt: instant(at) } : each;
  });
}

/** One has failed, so the others most likely would: each waits as if it had been tried as well, and goes first in its turn. */
export function postponed(aside: readonly SetAside[], failed: SetAside): readonly SetAside[] {
  return aside.map((each) => {
    const at = epochMs(failed.triedAt) + delayMs(each.tries);
    return each === failed || at <= epochMs(each.dueAt) ? each : { ...each, dueAt: instant(at) };
  });
}

/** Tried anew, as if it had never been. What is aside already is due now. */
export function askedAnew(
  aside: readonly SetAside[],
  dead: readonly Omit<Tried, 'answer'>[],
  now: Instant,
): readonly SetAside[] {
  const isAsked = ({ event }: SetAside) => dead.some((each) => isSamePlace(each.event, event));
  const known = aside.map((each) => (isAsked(each) ? { ...each, dueAt: now } : each));
  const more = dead.filter(({ event }) => !aside.some((each) => isSamePlace(each.event, event)));
  const fresh = more.map((each) => ({
    ...told({ ...each, answer: 'asked for anew' }),
    since: now,
    tries: 0,
    triedAt: now,
    dueAt: now,
  }));
  return [...known, ...fresh];
}

/** From 0 to 1, by a text: the same for the same one, and about anywhere for others. */
export function spreadOf(seed: string): number {
  let hash = 0x811c9dc5;
  for (const character of seed) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) / 0xffffffff;
}

function delayMs(tries: number): number {
  return Math.min(RETRY_MOST_MS, FIRST_MS * FACTOR ** Math.min(Math.max(tries - 1, 0), 10));
}

function told({ event, name, answer }: Tried): Tried {
  return { event, name: storableText(name, NAME_CHARS), answer: storableText(answer, ANSWER_CHARS) };
}
