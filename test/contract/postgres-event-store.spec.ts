import { eventStoreContract } from './event-store.contract';
import { postgresAdapter } from './support/postgres-adapter';

eventStoreContract(postgresAdapter());
