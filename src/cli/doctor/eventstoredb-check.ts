import { addressOf } from '../../infrastructure/event-stores/eventstoredb/server/address';
import {
  inspectEventStoreDb,
  type EventStoreDbFacts,
} from '../../infrastructure/event-stores/eventstoredb/inspect-eventstoredb';
import { howToRaise } from '../../infrastructure/event-stores/eventstoredb/server/append-size';
import { MAX_APPEND_BYTES, MAX_IMPORT_BYTES } from '../../infrastructure/event-stores/validate-append';
import { clockFinding } from './clock';
import { broken, fail, ok, warn, type Finding } from './finding';

const NAME = 'event store';
const LIMIT = 'append limit';

/** The log on a server: reached, ours to read, by page and by subscription, and to append to. */
export async function checkEventStoreDb(url: string): Promise<readonly Finding[]> {
  try {
    const facts = await inspectEventStoreDb(url);
    return [storeFinding(url, facts), limitFinding(url, facts), clockFinding(facts.newestMs, Date.now())];
  } catch (error) {
    return [broken(NAME, error), clockFinding(null, Date.now())];
  }
}

function storeFinding(url: string, { hasEvents }: EventStoreDbFacts): Finding {
  const address = addressOf(url);
  const seen = `${address}: answers, ${hasEvents ? 'holds events of this program' : 'no events yet'}; durable as far as the server is`;
  if (!url.includes('tls=false')) return ok(NAME, seen);
  const line = `${address}: expected tls=true, saw tls=false; whoever reaches the server can read and append: secure it`;
  return isLocal(address) ? ok(NAME, `${seen}, without TLS`) : warn(NAME, seen, line);
}

/** What the service appends is below the limit that a server is delivered with; what an import brings may not be. */
function limitFinding(url: string, { appendLimit }: EventStoreDbFacts): Finding {
  if (appendLimit === null) return ok(LIMIT, 'enough for the service and for every import');
  const line = (needed: number, what: string) =>
    `${addressOf(url)}: expected appends of up to ${needed} bytes${what}, saw the limit of ${appendLimit}; ${howToRaise()}`;
  const seen = `${appendLimit} bytes in one append`;
  if (appendLimit < MAX_APPEND_BYTES) return fail(LIMIT, seen, line(MAX_APPEND_BYTES, ''));
  return ok(LIMIT, `${seen}, enough for the service`, [line(MAX_IMPORT_BYTES, ' for an import of large events')]);
}

function isLocal(address: string): boolean {
  return /^esdb:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/.test(address.replace(/\/\/[^@]*@/, '//'));
}
