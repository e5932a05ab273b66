import { addressOf } from '../../infrastructure/event-stores/eventstoredb/address';
import {
  inspectEventStoreDb,
  type EventStoreDbFacts,
} from '../../infrastructure/event-stores/eventstoredb/inspect-eventstoredb';
import { clockFinding } from './clock';
import { broken, ok, warn, type Finding } from './finding';

const NAME = 'event store';

/** The log on a server: reached, and ours to read, by page and by subscription. */
export async function checkEventStoreDb(url: string): Promise<readonly Finding[]> {
  try {
    const facts = await inspectEventStoreDb(url);
    return [storeFinding(url, facts), clockFinding(facts.newestMs, Date.now())];
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

function isLocal(address: string): boolean {
  return /^esdb:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/.test(address.replace(/\/\/[^@]*@/, '//'));
}
