import { eventStoreContract } from './event-store.contract';
import { SQLITE } from './support/sqlite-adapter';

eventStoreContract(SQLITE);
