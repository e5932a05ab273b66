import { sql, type Kysely, type Transaction } from 'kysely';
import { comparePositions, parsePosition, START, type PositionText } from './position';
import type { Projection } from './projection';
import { createTables, dropTables } from './tables';

/**
 * One set of a projection's tables. `live`: what readers get. `building`: on its way to the head. `retired`: replaced,
 * kept until the next replacement for programs of another version that still read and follow it.
 */
export interface Generation {
  readonly projection: string;
  readonly generation: number;
  readonly version: number;
  readonly status: 'building' | 'live' | 'retired';
  readonly position: PositionText;
}

type Schema = Record<'projection_generation', Generation & { readonly tables: string }>;

export async function createGenerationTable(db: Kysely<unknown>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.schema
      .createTable('projection_generation')
      .ifNotExists()
      .addColumn('projection', 'text', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('position', 'text', (column) => column.notNull())
      // A later program no longer knows which tables an older version had.
      .addColumn('tables', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('projection_generation_key', ['projection', 'generation'])
      .execute();
  });
}

export async function generationsOf(
  db: Kysely<unknown>,
  { name, version }: Projection,
): Promise<readonly Generation[]> {
  return rows(db)
    .select(['projection', 'generation', 'version', 'status', 'position'])
    .where('projection', '=', name)
    .where('version', '=', version)
    .orderBy('generation', 'desc')
    .execute();
}

/** What this version of a projection is read from; null until it has been built for the first time. */
export function currentOf(generations: readonly Generation[]): Generation | null {
  const live = generations.find(({ status }) => status === 'live');
  return live ?? generations.find(({ status }) => status === 'retired') ?? null;
}

export function buildingOf(generations: readonly Generation[]): Generation | null {
  return generations.find(({ status }) => status === 'building') ?? null;
}

/** Begins a fresh set of tables, unless another process has done so. */
export async function startBuilding(db: Kysely<unknown>, projection: Projection): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lock(trx, projection.name);
    if (buildingOf(await generationsOf(trx, projection))) return;
    const generation = await nextNumber(trx, projection.name);
    await createTables(trx, projection, generation);
    const { name, version } = projection;
    const tables = projection.tables.map((table) => table.name).join(' ');
    await trx
      .withTables<Schema>()
      .insertInto('projection_generation')
      .values({ projection: name, generation, version, status: 'building', position: START, tables })
      .execute();
  });
}

/**
 * Moves a checkpoint, if it still is where it was read. It is the first statement of a batch's transaction: whoever
 * moves it owns the batch, everybody else rolls back.
 */
export async function advance(trx: Transaction<unknown>, from: Generation, to: PositionText): Promise<boolean> {
  const moved = await trx
    .withTables<Schema>()
    .updateTable('projection_generation')
    .set({ position: to })
    .where('projection', '=', from.projection)
    .where('generation', '=', from.generation)
    .where('position', '=', from.position)
    .executeTakeFirst();
  return moved.numUpdatedRows > 0n;
}

/** Puts a generation that was built to the head in place of the live one. Does nothing while it is behind that. */
export async function takeOver(db: Kysely<unknown>, { projection, generation }: Generation): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lock(trx, projection);
    const all = await rows(trx).selectAll().where('projection', '=', projection).where('generation', '>', 0).execute();
    const built = all.find((row) => row.generation === generation && row.status === 'building');
    const live = all.find(({ status }) => status === 'live');
    if (!built || (live && isBehind(built, live))) return;
    for (const old of all.filter(({ status }) => status === 'retired')) {
      await dropTables(trx, old.tables.split(' '), old.generation);
      await rowOf(trx, old).execute();
    }
    if (live) await setStatus(trx, live, 'retired');
    await setStatus(trx, built, 'live');
  });
}

function isBehind(a: Generation, b: Generation): boolean {
  return comparePositions(parsePosition(a.position), parsePosition(b.position)) < 0;
}

function rows(db: Kysely<unknown>) {
  return db.withTables<Schema>().selectFrom('projection_generation');
}

function rowOf(trx: Transaction<unknown>, { projection, generation }: Generation) {
  return trx
    .withTables<Schema>()
    .deleteFrom('projection_generation')
    .where('projection', '=', projection)
    .where('generation', '=', generation);
}

async function setStatus(trx: Transaction<unknown>, row: Generation, status: Generation['status']): Promise<void> {
  await trx
    .withTables<Schema>()
    .updateTable('projection_generation')
    .set({ status })
    .where('projection', '=', row.projection)
    .where('generation', '=', row.generation)
    .execute();
}

async function nextNumber(trx: Transaction<unknown>, name: string): Promise<number> {
  const { last } = await rows(trx)
    .select(sql<number | null>`max(generation)`.as('last'))
    .where('projection', '=', name)
    .executeTakeFirstOrThrow();
  return (last ?? 0) + 1;
}

/** Makes one process at a time begin or replace generations: the row of generation 0 has no tables, it is what is locked. */
async function lock(trx: Transaction<unknown>, projection: string): Promise<void> {
  const generations = trx.withTables<Schema>();
  await generations
    .insertInto('projection_generation')
    .values({ projection, generation: 0, version: 0, status: 'retired', position: START, tables: '' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await generations
    .updateTable('projection_generation')
    .set({ version: 0 })
    .where('projection', '=', projection)
    .where('generation', '=', 0)
    .execute();
}
