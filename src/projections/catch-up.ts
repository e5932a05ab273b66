import type { Kysely } from 'kysely';
import type { EventStore, Position, StoredEvent } from '../application/ports/event-store';
import { applyBatch } from './apply-batch';
import { advance, buildingOf, currentOf, generationsOf, takeOver, type Generation } from './generations';
import { PROJECTED_PREFIXES, type LogEvent } from './log-event';
import { comparePositions, parsePosition, positionText, START } from './position';
import type { Projection } from './projection';
import { readEvent } from './read-event';

/** Events per transaction: large enough to hide its cost, small enough that readers and other processes get their turn. */
export const BATCH_SIZE = 500;

interface Follower {
  readonly projection: Projection;
  readonly generation: Generation;
}

/** Thrown to roll back a batch that another process has done meanwhile. */
class Overtaken extends Error {}

interface Deps {
  readonly store: EventStore;
  readonly db: Kysely<unknown>;
}

/** Batch after batch until no projection is behind the head; new generations then take over. */
export async function catchUpOnce(deps: Deps, projections: readonly Projection[]): Promise<Position> {
  for (;;) {
    const followers = await followersOf(deps.db, projections);
    const { position, isHead } = await nextBatch(deps, followers);
    if (!isHead) continue;
    const built = followers.filter(({ generation }) => generation.status === 'building');
    for (const { generation } of built) await takeOver(deps.db, generation);
    return position;
  }
}

async function followersOf(db: Kysely<unknown>, projections: readonly Projection[]): Promise<readonly Follower[]> {
  const followers: Follower[] = [];
  for (const projection of projections) {
    const known = await generationsOf(db, projection);
    for (const generation of [currentOf(known), buildingOf(known)])
      if (generation) followers.push({ projection, generation });
  }
  return followers;
}

/**
 * Moves those that are furthest behind, at most to where the next ones are: so that they meet, and the log is then read
 * once for all of them.
 */
async function nextBatch(deps: Deps, followers: readonly Follower[]): Promise<{ position: Position; isHead: boolean }> {
  const places = followers.map(({ generation }) => parsePosition(generation.position)).sort(comparePositions);
  const from = places[0] ?? 'start';
  const meeting = places.find((place) => comparePositions(place, from) > 0) ?? null;
  const after = from === 'start' ? {} : { after: from };
  const page = await deps.store.readAll({ ...after, prefixes: PROJECTED_PREFIXES, limit: BATCH_SIZE });
  const meets = meeting !== null && meeting !== 'start' && comparePositions(page.next, meeting) > 0;
  const to = meets ? meeting : page.next;
  const events = page.events.filter(({ position }) => comparePositions(position, to) <= 0);
  const group = followers.filter(({ generation }) => comparePositions(parsePosition(generation.position), from) === 0);
  const moved = await apply(deps.db, group, events, to);
  return { position: to, isHead: moved && page.end && !meets };
}

/** @returns false when another process was faster: look again where the checkpoints are. */
async function apply(
  db: Kysely<unknown>,
  group: readonly Follower[],
  stored: readonly StoredEvent[],
  position: Position,
): Promise<boolean> {
  const to = positionText(position);
  const isUnmoved = group.every(({ generation }) => generation.position === to || generation.position === START);
  if (stored.length === 0 && isUnmoved) return true;
  const events = stored.map(readEvent).filter((event): event is LogEvent => event !== null);
  try {
    await db.transaction().execute(async (trx) => {
      for (const { projection, generation } of group) {
        if (!(await advance(trx, generation, to))) throw new Overtaken();
        await applyBatch(trx, projection, generation.generation, events);
      }
    });
    return true;
  } catch (error) {
    if (error instanceof Overtaken) return false;
    throw error;
  }
}
