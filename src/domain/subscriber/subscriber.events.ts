import type { Fact } from '../fact';
import type { Instant } from '../instant';

/** An event by its name, which it keeps in every store. `revision` is a whole number, as text. */
export interface EventPlace {
  readonly stream: string;
  readonly revision: string;
}

/** Who hands over the next batch, and until when nobody else does. */
export interface Lease {
  readonly worker: string;
  readonly until: Instant;
}

/** A batch that its handler could not do. `retryAt`: before that, nobody tries it again. */
export interface SubscriberTrouble {
  readonly error: string;
  readonly since: Instant;
  readonly tries: number;
  readonly retryAt: Instant;
}

/** An event that could not be done with at its turn: it is tried again by itself, and what is behind it goes on. */
export interface SetAside {
  readonly event: EventPlace;
  /** What the subscriber calls it, such as the key of an alert. */
  readonly name: string;
  /** When it was tried first, or was asked for anew. */
  readonly since: Instant;
  readonly tries: number;
  readonly triedAt: Instant;
  /** Before that, nobody tries it again. */
  readonly dueAt: Instant;
  /** What came of it last. */
  readonly answer: string;
}

/** An event that was delivered, or that nobody tries again by himself. */
export interface Ended {
  readonly event: EventPlace;
  readonly name: string;
  readonly outcome: 'delivered' | 'dead';
  readonly since: Instant;
  readonly tries: number;
  readonly answer: string;
}

/** The whole of what is known of a subscriber, said by each of its events: whoever goes on reads the last one alone. */
export interface SubscriberStanding {
  /** The last event that is done with; what is behind it is still to do. */
  readonly after: EventPlace;
  readonly lease: Lease | null;
  readonly trouble: SubscriberTrouble | null;
  /** What was delivered or made since the event before this one, in the subscriber's own words. */
  readonly done: readonly string[];
  /** Before `after`, and not done with; left out where there is none. */
  readonly aside?: readonly SetAside[];
  /** What came to its end since the event before this one; left out where nothing did, or nobody says how. */
  readonly ended?: readonly Ended[];
}

/** A person has dead letters tried anew: they are set aside, and due. */
export interface Redelivery extends SubscriberStanding {
  readonly by: string;
}

export interface SubscriberEventData {
  SubscriberBegan: SubscriberStanding;
  BatchTaken: SubscriberStanding;
  BatchHandled: SubscriberStanding;
  BatchFailed: SubscriberStanding;
  LeaseReturned: SubscriberStanding;
  RedeliveryAsked: Redelivery;
}

export type SubscriberEvent = {
  [T in keyof SubscriberEventData]: Fact<T, SubscriberEventData[T]>;
}[keyof SubscriberEventData];

export const SUBSCRIBER_EVENT_VERSIONS: Readonly<Record<SubscriberEvent['type'], number>> = Object.freeze({
  SubscriberBegan: 1,
  BatchTaken: 1,
  BatchHandled: 1,
  BatchFailed: 1,
  LeaseReturned: 1,
  RedeliveryAsked: 1,
});
