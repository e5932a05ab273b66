import type { Damage, Unreadable } from '../domain/damage';
import type { ExpectedRevision, Fact, Revision } from '../domain/fact';
import type { Instant } from '../domain/instant';
import { CHAIN_START } from './envelope';
import type { NewEvent, StoredEvent } from './ports/event-store';
import type { Hasher } from './ports/ids';
import { chainIn, inChain, whenOf } from './read-events';

/** What one kind of stream is: its name, its events, and the state they lead to. */
export interface StreamKind<State, Event extends Fact<string, unknown>> {
  readonly streamOf: (key: string) => string;
  readonly versions: Readonly<Record<string, number>>;
  readonly initial: State;
  readonly read: (stored: StoredEvent) => Event | Unreadable;
  readonly evolve: (
    state: State,
    event: Event | Unreadable,
    when: { readonly at: Instant; readonly policyDigest: string | null },
  ) => State;
  /** The first event that cannot be relied on; null while there is none. */
  readonly damageOf: (state: State) => Damage | null;
  /** Whether each event says everything that those before it have led to: then the newest is all that is read of a stream. */
  readonly isToldByLast?: boolean;
  /** How many states are kept in memory. A stale one costs a refused append and a read, never a wrong decision. */
  readonly remembered: number;
  /** Whether a stream that does not exist is remembered as such. */
  readonly remembersNothing: boolean;
}

/** A stream as far as it was read: what it has led to, and what the next event goes on from. */
export interface Folded<State> {
  readonly state: State;
  readonly revision: ExpectedRevision;
  /** Chain hash of the last event. */
  readonly chain: string;
  readonly lastEventId: string;
}

/** Decided events, ready to be stored behind the state they were decided on, and what they lead to. */
export interface Prepared<State> {
  readonly key: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly NewEvent[];
  readonly after: Folded<State>;
}

export function nothingFolded<State>({ initial }: Pick<StreamKind<State, never>, 'initial'>): Folded<State> {
  return { state: initial, revision: 'no-stream', chain: CHAIN_START, lastEventId: '' };
}

export function nextRevision(revision: ExpectedRevision): Revision {
  return revision === 'no-stream' ? 0n : revision + 1n;
}

/** @param hasher null where nobody has to look at the hashes. */
export function foldOne<State, Event extends Fact<string, unknown>>(
  { read, evolve }: Pick<StreamKind<State, Event>, 'read' | 'evolve'>,
  before: Folded<State>,
  stored: StoredEvent,
  hasher: Hasher | null,
): Folded<State> {
  const event = inChain(read(stored), stored, before, hasher);
  const state = evolve(before.state, event, whenOf(stored));
  return { state, revision: stored.revision, chain: chainIn(stored), lastEventId: stored.id };
}
