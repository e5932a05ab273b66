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

/** The whole of what is known of a subscriber, said by each of its events: whoever goes on reads the last one alone. */
export interface SubscriberStanding {
  /** The last event that is done with; what is behind it is still to do. */
  readonly after: EventPlace;
  readonly lease: Lease | null;
  readonly trouble: SubscriberTrouble | null;
  /** What was delivered or made since the event before this one, in the subscriber's own words. */
  readonly done: readonly string[];
}

export interface SubscriberEventData {
  SubscriberBegan: SubscriberStanding;
  BatchTaken: SubscriberStanding;
  BatchHandled: SubscriberStanding;
  BatchFailed: SubscriberStanding;
  LeaseReturned: SubscriberStanding;
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
});
