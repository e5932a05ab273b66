import { sharedEventStoreContract } from './event-store.contract';
import { eventStoreDbPeerAdapter } from './support/eventstoredb-adapter';

describe('the real client against the peer of the tests', () => {
  sharedEventStoreContract(eventStoreDbPeerAdapter());
});
