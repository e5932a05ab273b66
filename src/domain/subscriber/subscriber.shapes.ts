import { decimal, list, moment, nullable, object, oneOf, optional, text, whole, type Members } from '../shape';
import type {
  Ended,
  EventPlace,
  Lease,
  SetAside,
  SubscriberEvent,
  SubscriberEventData,
  SubscriberStanding,
  SubscriberTrouble,
} from './subscriber.events';

const PLACE = object<EventPlace>({ stream: text, revision: decimal });
const STANDING: Members<SubscriberStanding> = {
  after: PLACE,
  lease: nullable(object<Lease>({ worker: text, until: moment })),
  trouble: nullable(object<SubscriberTrouble>({ error: text, since: moment, tries: whole, retryAt: moment })),
  done: list(text),
  aside: optional(
    list(
      object<SetAside>({
        event: PLACE,
        name: text,
        since: moment,
        tries: whole,
        triedAt: moment,
        dueAt: moment,
        answer: text,
      }),
    ),
  ),
  ended: optional(
    list(
      object<Ended>({
        event: PLACE,
        name: text,
        outcome: oneOf({ delivered: true, dead: true }),
        since: moment,
        tries: whole,
        answer: text,
      }),
    ),
  ),
};

/** What the data of every event has to be, in its newest version. */
export const SUBSCRIBER_EVENT_SHAPES: { readonly [T in SubscriberEvent['type']]: Members<SubscriberEventData[T]> } = {
  SubscriberBegan: STANDING,
  BatchTaken: STANDING,
  BatchHandled: STANDING,
  BatchFailed: STANDING,
  LeaseReturned: STANDING,
  RedeliveryAsked: { ...STANDING, by: text },
};
