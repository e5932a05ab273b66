import type { ExpectedRevision } from '../domain/fact';
import {
  OutcomeUnknown,
  RevisionConflict,
  StoreBusy,
  StoreUnavailable,
  type AppendOptions,
  type EventStore,
  type NewEvent,
} from './ports/event-store';
import type { Clock } from './ports/clock';
import type { Ids } from './ports/ids';
import { sleep } from './sleep';

/**
 * `isRepeated`: events of these ids were there already. They may be those of somebody who was asked for the same: what
 * stands in the stream is theirs, down to the time and the chain.
 */
export type Appended = { readonly kind: 'appended'; readonly isRepeated: boolean } | { readonly kind: 'conflict' };

/** How long an append whose outcome is unknown is sent again before the caller is told so. */
export const RESEND_BUDGET_MS = 30_000;
const RESEND_FIRST_MS = 100;
const RESEND_MOST_MS = 2_000;

/**
 * Appends until the outcome is known. A lost answer is answered by sending the identical append again: same ids, same
 * revision, so that a stored one is recognised. A conflict is ours if our own ids stand at the place we aimed at.
 *
 * @throws the last `OutcomeUnknown`, `StoreBusy` or `StoreUnavailable` when the budget is used up; the caller may then
 *   assume neither result.
 */
export async function appendReliably(
  deps: { store: EventStore; clock: Clock; ids: Ids },
  stream: string,
  expected: ExpectedRevision,
  events: readonly NewEvent[],
  options: AppendOptions = {},
): Promise<Appended> {
  const { store, clock, ids } = deps;
  const startedAt = clock.monotonic();
  for (let attempt = 0; ; attempt += 1) {
    try {
      // A store that cannot tell may have recognised somebody else's.
      const { duplicate = true } = await store.append(stream, expected, events, options);
      return { kind: 'appended', isRepeated: duplicate };
    } catch (error) {
      if (error instanceof RevisionConflict) {
        const isRepeated = await isOurs(store, stream, expected, events);
        return isRepeated ? { kind: 'appended', isRepeated } : { kind: 'conflict' };
      }
      const mayPass =
        error instanceof OutcomeUnknown || error instanceof StoreBusy || error instanceof StoreUnavailable;
      if (!mayPass || clock.monotonic() - startedAt > RESEND_BUDGET_MS) throw error;
      await sleep(clock, Math.min(RESEND_MOST_MS, RESEND_FIRST_MS * 2 ** attempt) * (0.5 + ids.random() / 2));
    }
  }
}

async function isOurs(
  store: EventStore,
  stream: string,
  expected: ExpectedRevision,
  events: readonly NewEvent[],
): Promise<boolean> {
  const from = expected === 'no-stream' ? 0n : expected + 1n;
  const stored = await store.readStream(stream, { from, limit: events.length });
  return stored.length === events.length && stored.every(({ id }, index) => id === events[index]?.id);
}
