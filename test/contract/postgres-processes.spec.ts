import { sharedEventStoreContract } from './event-store.contract';
import { postgresAdapter } from './support/postgres-adapter';

sharedEventStoreContract(postgresAdapter());
