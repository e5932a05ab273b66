import { decimal, list, moment, nullable, object, text, whole, type Members } from '../shape';
import type { EventPlace, Lease, SubscriberEvent, SubscriberStanding, SubscriberTrouble } from './subscriber.events';

const STANDING: Members<SubscriberStanding> = {
  after: object<EventPlace>({ stream: text, revision: decimal }),
  lease: nullable(object<Lease>({ worker: text, until: moment })),
  trouble: nullable(object<SubscriberTrouble>({ error: text, since: moment, tries: whole, retryAt: moment })),
  done: list(text),
};

/** What the data of every event has to be, in its newest version. */
export const SUBSCRIBER_EVENT_SHAPES: { readonly [T in SubscriberEvent['type']]: Members<SubscriberStanding> } = {
  SubscriberBegan: STANDING,
  BatchTaken: STANDING,
  BatchHandled: STANDING,
  BatchFailed: STANDING,
  LeaseReturned: STANDING,
};
