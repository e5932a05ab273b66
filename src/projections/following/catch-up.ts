import type { Kysely } from 'kysely';
import type { EventStore, Position } from '../../application/ports/event-store';
import { applyBatch } from '../rows/apply-batch';
import { advance, completeBuilding, startBuilding, type Place } from '../generations/change-generations';
import { buildingOf, currentOf, generationsOf, type Generation } from '../generations/generations';
import { RowCache } from '../rows/row-cache';
import type { LogEvent } from '../events/log-event';
import { partAfter, readAfter, type LogPage } from './log-page';
import { seenText, type LogIdentity } from '../../application/log-identity';
import { nextTurn } from './next-turn';
import { comparePositions, parsePosition, positionText, START } from '../events/position';
import type { Projection } from '../projection';
import { readEvent } from '../events/read-event';

interface Follower {
  readonly projection: Projection;
  readonly generation: Generation;
}

interface Batch {
  readonly events: readonly LogEvent[];
  readonly to: Place;
}

/** How far a step came, and whether nothing is left to do for those it was about. */
interface Step {
  readonly position: Position;
  readonly isHead: boolean;
}

/** Thrown to roll back a batch that another process has done meanwhile. */
class Overtaken extends Error {}

export interface CatchUpDeps {
  readonly store: EventStore;
  readonly db: Kysely<unknown>;
  readonly log: LogIdentity;
  /** What batches of this process know of the rows. */
  readonly known: RowCache;
  /** Where there is one, what readers see is brought to its end, not to the end of the log. */
  readonly page?: LogPage | undefined;
}

/**
 * Batch after batch until no projection is behind the head. What readers see comes first: a generation that is being built
 * gets one batch whenever they are at the head, and takes over when it has come there itself.
 */
export async function catchUpOnce(deps: CatchUpDeps, projections: readonly Projection[]): Promise<Position> {
  for (;;) {
    const { served, built } = await followersOf(deps, projections);
    const first = served.length > 0 ? await step(deps, served) : null;
    const isServedAtHead = first?.isHead ?? true;
    const next = isServedAtHead && built.length > 0 ? await step({ ...deps, page: undefined }, built) : first;
    if (next?.isHead && isServedAtHead && (await allTakeOver(deps, built))) return next.position;
    await nextTurn();
  }
}

/** Begins to build what this version has not made of this log yet. */
async function followersOf(deps: CatchUpDeps, projections: readonly Projection[]) {
  const { db, log } = deps;
  let known = await generationsOf(db, log, projections);
  const missing = projections.filter((projection) => known.get(projection)?.length === 0);
  for (const projection of missing) await startBuilding(db, log, projection);
  if (missing.length > 0) known = await generationsOf(db, log, projections);
  const followers = (pick: typeof currentOf): readonly Follower[] =>
    projections.flatMap((projection) => {
      const generation = pick(known.get(projection));
      return generation ? [{ projection, generation }] : [];
    });
  return { served: followers(currentOf), built: followers(buildingOf) };
}

/**
 * Moves those that are furthest behind, at most to where the next ones are: so that they meet, and the log is then read
 * once for all of them.
 */
async function step(deps: CatchUpDeps, followers: readonly Follower[]): Promise<Step> {
  const places = followers.map(({ generation }) => parsePosition(generation.position)).sort(comparePositions);
  const from = places[0] ?? 'start';
  const meeting = places.find((place) => comparePositions(place, from) > 0) ?? null;
  const page = (deps.page && partAfter(from, deps.page)) ?? (await readAfter(deps.store, from));
  const meets = meeting !== null && meeting !== 'start' && comparePositions(page.next, meeting) > 0;
  const position = meets ? meeting : page.next;
  const events = page.events.filter((event) => comparePositions(event.position, position) <= 0);
  const group = followers.filter(({ generation }) => comparePositions(parsePosition(generation.position), from) === 0);
  const last = events.at(-1);
  const to = { position: positionText(position), log: await deps.log.place(), seen: last ? seenText(last) : '' };
  const moved = await apply(deps, group, {
    events: events.map(readEvent).filter((event): event is LogEvent => event !== null),
    to,
  });
  return { position, isHead: moved && page.end && !meets };
}

/** @returns false when another process was faster: look again where the checkpoints are. */
async function apply({ db, known }: CatchUpDeps, group: readonly Follower[], { events, to }: Batch): Promise<boolean> {
  const isUnmoved = group.every(({ generation: { position } }) => position === to.position || position === START);
  if (to.seen === '' && isUnmoved) return true;
  const moves = group.map(({ projection, generation }) => {
    const place = { ...to, seen: to.seen === '' ? generation.seen : to.seen };
    return { projection, generation, place, known: known.take(generation) };
  });
  try {
    await db.transaction().execute(async (trx) => {
      for (const { projection, generation, place, known } of moves) {
        if (!(await advance(trx, generation, place))) throw new Overtaken();
        await applyBatch(trx, projection, { generation: generation.generation, known }, events);
      }
    });
    for (const { generation, place, known: rows } of moves) known.keep(generation, place, rows);
    return true;
  } catch (error) {
    if (error instanceof Overtaken) return false;
    throw error;
  }
}

async function allTakeOver({ db }: CatchUpDeps, built: readonly Follower[]): Promise<boolean> {
  let all = true;
  for (const { projection, generation } of built) all = (await completeBuilding(db, projection, generation)) && all;
  return all;
}
