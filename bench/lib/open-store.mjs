import { join } from 'node:path';
import { product } from './product.mjs';

const OUT = { info() {}, warn() {}, error() {} };

/**
 * The product's event store.
 *
 * @param {{dir: string, database?: string}} options `dir`: an empty folder of this run; `database`: URL of an empty one, for a
 *   log on PostgreSQL
 */
export async function openStore({ dir, database }) {
  if (!database) {
    return product('infrastructure/event-stores/sqlite/sqlite-event-store.js').openSqliteEventStore(
      join(dir, 'events.db'),
    );
  }
  await product('infrastructure/event-stores/postgres/migrate.js').migrate(database, null);
  const { PostgresEventStore } = product('infrastructure/event-stores/postgres/postgres-event-store.js');
  const { Reachability } = product('infrastructure/event-stores/reachability.js');
  return new PostgresEventStore(database, new Reachability(OUT));
}

/** The product's read-model database: a file, as it is by default wherever the log is. */
export function openReadModels({ dir, file = 'read-model.db' }) {
  return product('infrastructure/read-models/open-read-models.js').openReadModels(join(dir, file));
}
