import { join } from 'node:path';
import { product } from './product.mjs';

/** The product's event store. @param {{dir: string}} options `dir`: an empty folder of this run. */
export function openStore({ dir }) {
  return product('infrastructure/event-stores/sqlite-event-store.js').openSqliteEventStore(join(dir, 'events.db'));
}

/** The product's read-model database, on the same engine as the store. */
export function openReadModels({ dir, file = 'read-model.db' }) {
  return product('infrastructure/read-models/open-read-models.js').openReadModels(join(dir, file));
}
