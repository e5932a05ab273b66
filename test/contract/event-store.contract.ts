import { Subject, type EventStoreAdapter } from './support/adapter';
import { appendContract } from './event-store/append.contract';
import { contentionContract } from './event-store/contention.contract';
import { globalOrderContract } from './event-store/global-order.contract';
import { idempotencyContract } from './event-store/idempotency.contract';
import { linearizabilityContract } from './event-store/linearizability.contract';
import { movingContract } from './event-store/moving.contract';
import { oddEventsContract } from './event-store/odd-events.contract';
import { processesContract } from './event-store/processes.contract';
import { readingContract } from './event-store/reading.contract';
import { subscriptionsContract } from './event-store/subscriptions.contract';

/**
 * What every event store does. `C13` and the like number the cases of the contract, for all adapters the same; what an
 * adapter alone has to do (a full disk, a lost server) is tested beside it.
 */
export function eventStoreContract(adapter: EventStoreAdapter): void {
  const subject = new Subject(adapter);
  beforeEach(() => subject.begin());
  afterEach(() => subject.end());

  test('a store says what it is and what it survives', () => {
    expect(subject.store.info).toEqual(adapter.info);
  });

  describe('append', () => {
    appendContract(subject);
  });
  describe('contention', () => {
    contentionContract(subject);
    linearizabilityContract(subject);
  });
  describe('idempotency', () => {
    idempotencyContract(subject);
  });
  describe('reading', () => {
    readingContract(subject);
  });
  describe('global order', () => {
    globalOrderContract(subject);
  });
  describe('subscriptions', () => {
    subscriptionsContract(subject);
  });
  describe('moving', () => {
    movingContract(subject);
  });
  describe('odd events', () => {
    oddEventsContract(subject);
  });
}

/** What holds for logs that other processes can open. A file of its own beside the rest, as it starts many processes. */
export function sharedEventStoreContract(adapter: EventStoreAdapter): void {
  const subject = new Subject(adapter);
  beforeEach(() => subject.begin());
  afterEach(() => subject.end());
  processesContract(subject);
}
