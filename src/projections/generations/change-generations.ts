import { sql, type Kysely, type Transaction } from 'kysely';
import { GENERATIONS, NOTHING_SEEN, type Generation, type GenerationRow, type GenerationSchema } from './generations';
import type { LogIdentity } from '../../application/log-identity';
import { nextTurn } from '../following/next-turn';
import { comparePositions, parsePosition } from '../events/position';
import type { Projection } from '../projection';
import { run, type Statement } from '../rows/statement';
import { createIndexes, createTables, dropTables } from '../rows/tables';

/** Where a generation has come to. */
export type Place = Pick<Generation, 'position' | 'log' | 'seen'>;

/** Begins a fresh set of tables, unless one of this log is being built already. */
export async function startBuilding(db: Kysely<unknown>, log: LogIdentity, projection: Projection): Promise<void> {
  const { name, version } = projection;
  const identity = await log.place();
  await db.transaction().execute(async (trx) => {
    await lock(trx, name);
    const all = await generationRows(trx, name);
    const isBuilt = (row: GenerationRow) => row.version === version && [identity, ''].includes(row.log);
    if (all.some((row) => row.status === 'building' && isBuilt(row))) return;
    const generation = 1 + Math.max(0, ...all.map((row) => row.generation));
    await createTables(trx, projection, generation);
    const tables = projection.tables.map((table) => table.name).join(' ');
    const row = { projection: name, generation, version, status: 'building', tables, ...NOTHING_SEEN } as const;
    await trx.withTables<GenerationSchema>().insertInto(GENERATIONS).values(row).execute();
  });
}

/**
 * Moves a checkpoint, if it still is where it was read. It is the first statement of a batch's transaction: whoever
 * moves it owns the batch, everybody else rolls back.
 */
export async function advance(trx: Transaction<unknown>, from: Generation, to: Place): Promise<boolean> {
  const { projection, generation } = from;
  const values: Record<AdvancePlace, string | number> = {
    position: to.position,
    log: to.log,
    seen: to.seen,
    projection,
    generation,
    fromPosition: from.position,
    fromLog: from.log,
  };
  const moved = await run(trx, ADVANCE, (place) => values[place]);
  return (moved.numAffectedRows ?? 0n) > 0n;
}

type AdvancePlace = 'position' | 'log' | 'seen' | 'projection' | 'generation' | 'fromPosition' | 'fromLog';

const ADVANCE: Statement<AdvancePlace> = {
  name: 'advance',
  build: (db, given) =>
    db
      .withTables<GenerationSchema>()
      .updateTable(GENERATIONS)
      .set({ position: given('position'), log: given('log'), seen: given('seen') })
      .where('projection', '=', given('projection'))
      .where('generation', '=', given('generation'))
      .where('position', '=', given('fromPosition'))
      .where('log', '=', given('fromLog')),
};

/**
 * Gives a generation that was built to the head its indexes, and puts it in place of the live one.
 *
 * @returns false while it is behind that: build on.
 */
export async function completeBuilding(
  db: Kysely<unknown>,
  projection: Projection,
  generation: Generation,
): Promise<boolean> {
  for (const table of projection.tables) {
    // A large table's indexes take their time, on the thread that everybody else needs as well.
    await nextTurn();
    await db.transaction().execute(async (trx) => {
      await lock(trx, projection.name);
      const all = await generationRows(trx, projection.name);
      if (buildingAs(all, generation.generation)) await createIndexes(trx, table, generation.generation);
    });
  }
  return takeOver(db, generation);
}

async function takeOver(db: Kysely<unknown>, { projection, generation }: Generation): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await lock(trx, projection);
    const all = await generationRows(trx, projection);
    const built = buildingAs(all, generation);
    // Another process has done it.
    if (!built) return true;
    const live = all.find(({ status }) => status === 'live');
    if (live && isBehind(built, live)) return false;
    for (const old of all.filter(({ status }) => status === 'retired')) await remove(trx, old);
    // In this order: two live ones are refused, and none is never seen.
    if (live) await setStatus(trx, live, 'retired');
    await setStatus(trx, built, 'live');
    return true;
  });
}

/** Takes a generation out of use whose log no longer is what it was made from. */
export async function discard(db: Kysely<unknown>, generation: Generation): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lock(trx, generation.projection);
    const all = await generationRows(trx, generation.projection);
    const known = all.find((row) => row.generation === generation.generation && row.seen === generation.seen);
    if (known) await remove(trx, known);
  });
}

function buildingAs(all: readonly GenerationRow[], generation: number): GenerationRow | undefined {
  return all.find((row) => row.generation === generation && row.status === 'building');
}

function isBehind(built: Generation, live: Generation): boolean {
  if (built.log !== live.log) return false;
  return comparePositions(parsePosition(built.position), parsePosition(live.position)) < 0;
}

/** The row first, as every batch does: the other order would make the two wait for each other. */
async function remove(trx: Transaction<unknown>, { projection, generation, tables }: GenerationRow): Promise<void> {
  await trx
    .withTables<GenerationSchema>()
    .deleteFrom(GENERATIONS)
    .where('projection', '=', projection)
    .where('generation', '=', generation)
    .execute();
  await dropTables(trx, tables.split(' '), generation);
}

async function setStatus(trx: Transaction<unknown>, row: Generation, status: Generation['status']): Promise<void> {
  await generationRow(trx, row).set({ status }).execute();
}

function generationRow(trx: Transaction<unknown>, { projection, generation }: Generation) {
  return trx
    .withTables<GenerationSchema>()
    .updateTable(GENERATIONS)
    .where('projection', '=', projection)
    .where('generation', '=', generation);
}

function generationRows(trx: Transaction<unknown>, projection: string): Promise<readonly GenerationRow[]> {
  return trx
    .withTables<GenerationSchema>()
    .selectFrom(GENERATIONS)
    .selectAll()
    .where('projection', '=', projection)
    .where('generation', '>', 0)
    .execute();
}

/** Makes one process at a time begin or replace generations: the row of generation 0 has no tables, it is what is locked. */
async function lock(trx: Transaction<unknown>, projection: string): Promise<void> {
  const row = { projection, generation: 0, version: 0, status: 'retired', tables: '', ...NOTHING_SEEN } as const;
  await trx
    .withTables<GenerationSchema>()
    .insertInto(GENERATIONS)
    .values(row)
    .onConflict((conflict) => conflict.columns(['projection', 'generation']).doUpdateSet({ version: sql.lit(0) }))
    .execute();
}
