import { eventStoreContract } from './event-store.contract';
import { eventStoreDbServerAdapter } from './support/eventstoredb-adapter';

const URL_OF_SERVER = process.env['STAGEGATE_SELFTEST_ESDB_URL'];

describe('the real client against a real server', () => {
  if (URL_OF_SERVER !== undefined) eventStoreContract(eventStoreDbServerAdapter(URL_OF_SERVER));
  else test.skip('keeps the contract (skipped: STAGEGATE_SELFTEST_ESDB_URL names no server)', () => undefined);
});
