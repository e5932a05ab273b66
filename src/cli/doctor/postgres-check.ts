import {
  inspectPostgresStore,
  type PostgresFacts,
} from '../../infrastructure/event-stores/postgres/inspect-postgres-store';
import { SCHEMA_VERSION } from '../../infrastructure/event-stores/postgres/schema';
import { addressOf } from '../../infrastructure/postgres/address';
import { clockFinding } from './clock';
import { broken, ok, warn, type Finding } from './finding';

const NAME = 'event store';

/** The log on a server: reached, of our schema, durable, and not the service's to change. */
export async function checkPostgresStore(url: string): Promise<readonly Finding[]> {
  try {
    const facts = await inspectPostgresStore(url);
    return [storeFinding(addressOf(url), facts), clockFinding(facts.newestMs, Date.now())];
  } catch (error) {
    return [broken(NAME, error), clockFinding(null, Date.now())];
  }
}

function storeFinding(address: string, { version, events, notDurable, ownsLog }: PostgresFacts): Finding {
  const seen = `${address}: PostgreSQL ${version}, ${events} events, schema ${SCHEMA_VERSION}`;
  const lines = notDurable.map(
    (name) => `${address}: expected ${name} on, saw off; a power cut may lose events: turn it on`,
  );
  if (ownsLog) {
    const how = 'connect as another role, and run stagegate migrate --grant-to with its name as owner';
    lines.push(`${address}: expected a role that may only append, saw the owner of the log; ${how}`);
  }
  return lines.length === 0 ? ok(NAME, `${seen}, durable`) : warn(NAME, seen, ...lines);
}
