import { existsSync } from 'node:fs';
import { pagesOf } from '../../application/audit/compare-log';
import { RecordCheck } from '../../application/audit/record-check';
import { LogIdentity } from '../../application/log-identity';
import type { EventStore } from '../../application/ports/event-store';
import { KnownLog } from '../../compose/known-log';
import { damageText } from '../../domain/damage';
import { HalfCopied } from '../../infrastructure/sqlite/open-unchanged';
import { NodeHasher } from '../../infrastructure/system/node-hasher';
import { PinoLogger } from '../../infrastructure/system/pino-logger';
import { broken, fail, ok, warn, type Finding } from './finding';
import { readLog } from './read-log';
import { need, type Place, type CheckContext } from './check-context';

const NAME = 'record';
/** More lines than that nobody reads. */
const SHOWN = 10;

/** Whether the log is the one of this state folder, and every event in it is what was written: its shape and its hash. */
export async function checkRecord({ place: known }: CheckContext): Promise<Finding | readonly Finding[]> {
  const place = need(known);
  const { eventStore } = place;
  // What is wrong there another check reports.
  if (eventStore.kind === 'memory' || (eventStore.kind === 'file' && !existsSync(eventStore.path))) return [];
  try {
    return await readLog(eventStore, (store) => recordOf(store, place));
  } catch (error) {
    return error instanceof HalfCopied ? warn(NAME, 'not looked at', error.message) : broken(NAME, error);
  }
}

async function recordOf(store: EventStore, place: Place): Promise<Finding> {
  await new KnownLog({
    ...place,
    identity: new LogIdentity(store),
    logger: new PinoLogger({ level: 'silent' }),
  }).refuseOther();
  const check = new RecordCheck(new NodeHasher());
  let events = 0;
  for await (const page of pagesOf(store)) {
    events += page.length;
    for (const event of page) check.take(event);
  }
  const { found } = check;
  if (found.length === 0) return ok(NAME, `${events} events are what was written`);
  const lines = found.slice(0, SHOWN).map((damage) => `${damageText(damage)}; restore the log`);
  return fail(NAME, `${found.length} streams cannot be relied on`, ...lines);
}
