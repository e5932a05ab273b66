import { existsSync } from 'node:fs';
import { LogIdentity } from '../../application/log-identity';
import type { EventStore } from '../../application/ports/event-store';
import { KnownLog, refuseMissingLog } from '../../compose/known-log';
import { loadServiceConfig } from '../../infrastructure/config/service-config';
import type { StoreUrl } from '../../infrastructure/config/values/value-types';
import { openUsableStore } from '../../infrastructure/event-stores/open-event-store';
import { PinoLogger } from '../../infrastructure/system/pino-logger';
import { landPlace, NEW_LOG_WITH } from '../land-place';
import { localPath } from '../local-path';
import { UserError } from '../user-error';

const SILENT = new PinoLogger({ level: 'silent' });

/**
 * Reads the configured log, which may be in use; none is made where there is none, and none is taken that is not the one of this folder.
 *
 * @param repo whose `land` state is meant instead of the service's.
 */
export async function withExistingLog<T>(
  repo: string | undefined,
  work: (store: EventStore) => Promise<T>,
): Promise<T> {
  const config = loadServiceConfig();
  const place =
    repo === undefined ? config : { ...(await landPlace(localPath('--repo', repo))), newLogWith: NEW_LOG_WITH };
  refuseMissingLog(place);
  const store = await openExisting(place.eventStore);
  try {
    await new KnownLog({ ...place, identity: new LogIdentity(store), logger: SILENT }).refuseOther();
    return await work(store);
  } finally {
    await store.close();
  }
}

async function openExisting(url: StoreUrl): Promise<EventStore> {
  if (url.kind === 'memory')
    throw new UserError(
      'STAGEGATE_EVENT_STORE_URL: expected a store that other processes can read, saw "memory:"; name the store that is meant',
    );
  if (url.kind === 'file' && !existsSync(url.path))
    throw new UserError(
      `${url.path}: expected an event store, saw no file; set STAGEGATE_STATE_DIR, or STAGEGATE_EVENT_STORE_URL`,
    );
  return openUsableStore(url, SILENT);
}
