import type { StoredEvent } from '../../src/application/ports/event-store';
import { taskStream } from '../../src/domain/ids';
import { check } from '../support/invariants';
import type { Acknowledged } from './requests';

/** Everything that the driver was told is stored, is. */
export function lostAcknowledged(log: readonly StoredEvent[], acknowledged: readonly Acknowledged[]): string[] {
  const found = new Map<string, bigint>();
  for (const { stream, revision, data } of log)
    for (const said of Object.values(data)) {
      if (typeof said !== 'string') continue;
      const key = `${stream} ${said}`;
      if (!found.has(key)) found.set(key, revision);
    }
  return acknowledged.flatMap(({ what, task, mark, revision }) => {
    const at = found.get(`${taskStream(task)} ${mark}`);
    if (at !== undefined && at <= revision) return [];
    return [
      `${what} of ${task} as ${mark}, acknowledged at revision ${revision}: ${at === undefined ? 'missing' : `at ${at}`}`,
    ];
  });
}

/** Positions are 1, 2, 3 to the head, and the follower saw each once, in that order: what was read once stays. */
export function gaps(log: readonly StoredEvent[], head: bigint, followed: readonly StoredEvent[]): string[] {
  const wrong = (events: readonly StoredEvent[], who: string) => {
    const at = events.findIndex(({ position }, index) => position.commit !== BigInt(index + 1));
    return at < 0 ? [] : [`${who}: expected position ${at + 1}, saw ${events[at]?.position.commit}`];
  };
  const ends = [
    ...(BigInt(log.length) === head ? [] : [`the log has ${log.length} events, its head says ${head}`]),
    ...(followed.length === log.length ? [] : [`the follower saw ${followed.length} events of ${log.length}`]),
  ];
  const changed = log.findIndex(({ id }, index) => followed[index] !== undefined && followed[index].id !== id);
  if (changed >= 0) ends.push(`position ${changed + 1} is not the event any more that the follower saw there`);
  return [...wrong(log, 'log'), ...wrong(followed, 'follower'), ...ends];
}

export function brokenInvariants(log: readonly StoredEvent[]): string[] {
  return check(log, { isAtRest: true }).map(
    ({ invariant, stream, revision, detail }) => `${invariant} ${stream}@${revision}: ${detail}`,
  );
}

/** Used up in spite of a budget: told, and no fault. */
const TOLERATED = new Set(['infra-exhausted', 'crash-exhausted']);

/** Tasks that are held at the end, with the reason; `stuck` are those that no fault explains. */
export function heldTasks(log: readonly StoredEvent[]): { held: string[]; stuck: string[] } {
  const holds = new Map<string, { reason: string; text: string } | null>();
  for (const { stream, type, data } of log) {
    const { reason, detail } = data as { reason: string; detail?: string };
    if (type === 'TaskHeld') holds.set(stream, { reason, text: `${stream}: ${reason}, ${detail}` });
    else if (/^Task(Released|Cancelled)$/.test(type)) holds.set(stream, null);
  }
  const open = [...holds.values()].filter((hold) => hold !== null);
  return {
    held: open.map(({ text }) => text),
    stuck: open.filter(({ reason }) => !TOLERATED.has(reason)).map(({ text }) => text),
  };
}
