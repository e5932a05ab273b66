import { sql, type Kysely } from 'kysely';
import type { LogIdentity } from '../../application/log-identity';
import { START, type PositionText } from '../events/position';
import type { Projection } from '../projection';
import { run, type Statement } from '../rows/statement';

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
  /** Identity of the log it was made from; empty until it has seen an event. */
  readonly log: string;
  /** The last event it has seen, as `<id> <revision> <stream>`; empty until it has seen one. */
  readonly seen: string;
}

export const GENERATIONS = 'read_model_generation';
export type GenerationRow = Generation & { readonly tables: string };
export type GenerationSchema = Record<typeof GENERATIONS, GenerationRow>;

/** Makes the table of generations where it is missing, or is somebody else's; several processes may find so at once. */
export async function ensureGenerationTable(db: Kysely<unknown>): Promise<void> {
  if (await hasGenerationTable(db)) return;
  try {
    await createGenerationTable(db);
  } catch (error) {
    // Another process was faster, or there is something wrong.
    if (await hasGenerationTable(db)) return;
    if (!/already exists/.test(String((error as { message?: unknown }).message))) throw error;
    // With other columns it is of no use to anybody, and everything is made again.
    await db.schema.dropTable(GENERATIONS).execute();
    await createGenerationTable(db);
  }
}

const COLUMNS = ['projection', 'generation', 'version', 'status', 'position', 'log', 'seen', 'tables'] as const;

/** What this version of some projections has made of this log, the newest first. */
export async function generationsOf(
  db: Kysely<unknown>,
  log: LogIdentity,
  projections: readonly Projection[],
): Promise<ReadonlyMap<Projection, readonly Generation[]>> {
  const identity = await log.place();
  const { rows: known } = await run<number | 'log', Generation>(db, madeOf(projections.length), (place) =>
    place === 'log' ? identity : projections[place]?.name,
  );
  const of = ({ name, version }: Projection) =>
    known.filter((row) => row.projection === name && row.version === version);
  return new Map(projections.map((projection) => [projection, of(projection)]));
}

function madeOf(projections: number): Statement<number | 'log'> {
  return {
    name: `generations of ${projections}`,
    build: (db, given) =>
      db
        .withTables<GenerationSchema>()
        .selectFrom(GENERATIONS)
        .select(['projection', 'generation', 'version', 'status', 'position', 'log', 'seen'])
        .where(
          'projection',
          'in',
          Array.from({ length: projections }, (_, index) => given(index)),
        )
        .where('generation', '>', sql.lit(0))
        .where((eb) => eb.or([eb('log', '=', given('log')), eb('log', '=', sql.lit(''))]))
        .orderBy('generation', 'desc'),
  };
}

/** What this version of a projection is read from; null until it has been built for the first time. */
export function currentOf(generations: readonly Generation[] | undefined): Generation | null {
  const live = generations?.find(({ status }) => status === 'live');
  return live ?? generations?.find(({ status }) => status === 'retired') ?? null;
}

export function buildingOf(generations: readonly Generation[] | undefined): Generation | null {
  return generations?.find(({ status }) => status === 'building') ?? null;
}

/** Whether any read model was ever made from an event. */
export async function hasSeenLog(db: Kysely<unknown>): Promise<boolean> {
  if (!(await hasGenerationTable(db))) return false;
  const rows = db.withTables<GenerationSchema>().selectFrom(GENERATIONS).select('generation').where('seen', '<>', '');
  return (await rows.limit(1).execute()).length > 0;
}

/** Stream of the newest event that a projection has seen; null before the first. */
export async function newestStream(db: Kysely<unknown>, log: LogIdentity, of: Projection): Promise<string | null> {
  const current = currentOf((await generationsOf(db, log, [of])).get(of));
  return current?.seen.split(' ')[2] ?? null;
}

async function hasGenerationTable(db: Kysely<unknown>): Promise<boolean> {
  try {
    await db.withTables<GenerationSchema>().selectFrom(GENERATIONS).select(COLUMNS).limit(1).execute();
    return true;
  } catch {
    // Not there, or not to be read; whoever creates it then is told which.
    return false;
  }
}

async function createGenerationTable(db: Kysely<unknown>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.schema
      .createTable(GENERATIONS)
      .addColumn('projection', 'text', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('position', 'text', (column) => column.notNull())
      .addColumn('log', 'text', (column) => column.notNull())
      .addColumn('seen', 'text', (column) => column.notNull())
      // A later program no longer knows which tables an older version had.
      .addColumn('tables', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint(`${GENERATIONS}_key`, ['projection', 'generation'])
      .execute();
    await trx.schema
      .createIndex(`${GENERATIONS}_one_live`)
      .unique()
      .on(GENERATIONS)
      .column('projection')
      .where(sql.ref('status'), '=', sql.lit('live'))
      .execute();
  });
}

/** As a generation remembers it. */
export const NOTHING_SEEN = { log: '', seen: '', position: START } as const;
