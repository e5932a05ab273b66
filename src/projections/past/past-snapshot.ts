import type { Kysely } from 'kysely';
import type { EventStore, Position, StoredEvent } from '../../application/ports/event-store';
import { applyBatch } from '../rows/apply-batch';
import { advance, completeBuilding, startBuilding } from '../generations/change-generations';
import { buildingOf, ensureGenerationTable, generationsOf } from '../generations/generations';
import { PROJECTED_PREFIXES, type LogEvent } from '../events/log-event';
import { seenText, type LogIdentity } from '../../application/log-identity';
import { nextTurn } from '../following/next-turn';
import { happenedMs, isAfter, type PastPlace } from './past-place';
import { positionText, START } from '../events/position';
import type { Projection } from '../projection';
import { readEvent } from '../events/read-event';

/** Events that are folded before others get a turn. */
const PAGE = 200;

/** Read models as they were at some place of the log. */
export interface PastSnapshot {
  readonly db: Kysely<unknown>;
  /** Where the log was read to. */
  readonly position: Position | 'start';
  /** When the last event that is in it happened, in milliseconds since 1970; null when none is. */
  readonly lastMs: number | null;
  /** False when the next event is known to come after the place: then nothing can be added to it any more. */
  readonly isOpen: boolean;
}

interface Deps {
  readonly store: EventStore;
  readonly log: LogIdentity;
}

/** Folds the log up to a place with the projectors that fold it when it is live. */
export async function foldUpTo(
  deps: Deps,
  db: Kysely<unknown>,
  projection: Projection,
  place: PastPlace,
): Promise<PastSnapshot> {
  await ensureGenerationTable(db);
  await startBuilding(db, deps.log, projection);
  let position: Position | 'start' = 'start';
  let lastMs: number | null = null;
  for (;;) {
    const page = await pageAfter(deps.store, position);
    const cut = page.events.findIndex((event) => isAfter(event, place));
    const events = cut < 0 ? page.events : page.events.slice(0, cut);
    const last = events.at(-1);
    if (last) {
      await applyPage(deps, db, projection, events, last);
      lastMs = happenedMs(last);
    }
    position = cut < 0 ? page.next : (last?.position ?? position);
    if (cut < 0 && !page.end) {
      await nextTurn();
      continue;
    }
    await finish(deps, db, projection);
    return { db, position, lastMs, isOpen: cut < 0 };
  }
}

/** Whether a snapshot still holds all that had happened: a clock that is behind may have added to the past. */
export async function isStillWhole({ store }: Deps, { position }: PastSnapshot, place: PastPlace): Promise<boolean> {
  const [next] = (await pageAfter(store, position, 1)).events;
  return next === undefined || isAfter(next, place);
}

function pageAfter(store: EventStore, position: Position | 'start', limit = PAGE) {
  return store.readAll({ ...(position === 'start' ? {} : { after: position }), prefixes: PROJECTED_PREFIXES, limit });
}

async function applyPage(
  { log }: Deps,
  db: Kysely<unknown>,
  projection: Projection,
  stored: readonly StoredEvent[],
  last: StoredEvent,
): Promise<void> {
  const building = await buildingIn(db, log, projection);
  const to = { position: positionText(last.position), log: await log.place(), seen: seenText(last) };
  const events = stored.map(readEvent).filter((event): event is LogEvent => event !== null);
  await db.transaction().execute(async (trx) => {
    await advance(trx, building, to);
    await applyBatch(trx, projection, { generation: building.generation, known: new Map() }, events);
  });
}

async function finish({ log }: Deps, db: Kysely<unknown>, projection: Projection): Promise<void> {
  await completeBuilding(db, projection, await buildingIn(db, log, projection));
}

async function buildingIn(db: Kysely<unknown>, log: LogIdentity, projection: Projection) {
  const building = buildingOf((await generationsOf(db, log, [projection])).get(projection));
  if (!building) throw new Error(`nothing is being built from ${START}`);
  return building;
}
