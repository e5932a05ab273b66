import { contentionContract } from './event-store/contention.contract';
import { idempotencyContract } from './event-store/idempotency.contract';
import { linearizabilityContract } from './event-store/linearizability.contract';
import { Subject } from './support/adapter';
import { eventStoreDbPeerAdapter } from './support/eventstoredb-adapter';

// As a server does: it drops the same append while the first one is on its way to the followers, and gives it up after a
// while; a loser is told so before anybody can read what it lost against.
describe('the real client against a peer that takes a while to replicate', () => {
  const subject = new Subject(eventStoreDbPeerAdapter({ replicationMs: 10, commitTimeoutMs: 20 }));
  beforeEach(() => subject.begin());
  afterEach(() => subject.end());
  contentionContract(subject);
  linearizabilityContract(subject);
  idempotencyContract(subject);
});
