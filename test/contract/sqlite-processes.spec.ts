import { sharedEventStoreContract } from './event-store.contract';
import { SQLITE } from './support/sqlite-adapter';

sharedEventStoreContract(SQLITE);
