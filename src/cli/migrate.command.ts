import { loadServiceConfig } from '../infrastructure/config/service-config';
import type { Output } from './output';
import { UserError } from './user-error';
import { quoted } from '../application/secrets';

/** PostgreSQL's own limit. */
const LONGEST_ROLE = 63;

/** Of the log. Read models are made, and made again, by whoever opens them, wherever they are. */
const WITHOUT_MIGRATION = {
  memory: '"memory:", which forgets everything; nothing to migrate',
  file: 'file:…, whose schema the first start brings up to date; nothing to do',
  eventstoredb: 'esdb://…, a log without a schema; nothing to do, and read models on PostgreSQL make their own tables',
} as const;

/**
 * Brings the database of `STAGEGATE_EVENT_STORE_URL` to this program's schema. The role of that URL comes to own the log.
 *
 * @param grantTo the role that services connect as: it may read and append, and change nothing that is there.
 */
export async function migrateStore(grantTo: string | null, output: Output): Promise<void> {
  if (grantTo !== null && (grantTo === '' || grantTo.includes('\0') || Buffer.byteLength(grantTo) > LONGEST_ROLE)) {
    throw new UserError(`--grant-to: expected the name of a role, saw ${quoted(grantTo)}`);
  }
  const { eventStore } = loadServiceConfig();
  if (eventStore.kind !== 'postgres') {
    throw new UserError(`STAGEGATE_EVENT_STORE_URL: expected postgres://…, saw ${WITHOUT_MIGRATION[eventStore.kind]}`);
  }
  const { migrate } = await import('../infrastructure/event-stores/postgres/migrate.js');
  const { addressOf } = await import('../infrastructure/postgres/address.js');
  const migrated = await migrate(eventStore.url, grantTo);
  if (output.isJson) {
    output.json(migrated);
    return;
  }
  const { from, to } = migrated;
  output.line(`${addressOf(eventStore.url)}: ${from === to ? `schema ${to} already` : `schema ${from} -> ${to}`}`);
  if (grantTo !== null) output.line(`${grantTo} may read the log and append to it`);
  else output.note('services need a role of their own that may only append: add --grant-to ROLE');
}
