import { sql, type Kysely, type SelectQueryBuilder, type Transaction } from 'kysely';
import { columnType } from './dialect';
import type { Cells, Projection, Table } from './projection';

type Stored = Cells & { readonly key: string };
/** A query over one table, known as `t`. */
export type Rows<Row extends object> = SelectQueryBuilder<{ t: Row }, 't', object>;

interface Schema {
  t: Record<string, string | number | null>;
}

/** PostgreSQL takes 65,535 values in one statement, SQLite 32,766; rows have fewer than 20 columns. */
const ROWS_PER_STATEMENT = 500;

export function tableName(table: string, generation: number): string {
  return `${table}_g${generation}`;
}

/** Whatever stands under these names is replaced: only the table of generations says what is in use. */
export async function createTables(
  trx: Transaction<unknown>,
  projection: Projection,
  generation: number,
): Promise<void> {
  for (const { name, columns, indexes, sparseIndexes = [] } of projection.tables) {
    const stored = tableName(name, generation);
    await dropTables(trx, [name], generation);
    let table = trx.schema
      .createTable(stored)
      .addColumn('key', columnType(trx, 'text'), (column) => column.primaryKey());
    for (const [column, type] of Object.entries(columns)) table = table.addColumn(column, columnType(trx, type));
    await table.execute();
    for (const index of indexes) {
      await trx.schema
        .createIndex(`${stored}_${index.join('_')}`)
        .on(stored)
        .columns([...index])
        .execute();
    }
    for (const { columns: indexed, having } of sparseIndexes) {
      await trx.schema
        .createIndex(`${stored}_${indexed.join('_')}_of_${having}`)
        .on(stored)
        .columns([...indexed])
        .where(sql.ref(having), 'is not', null)
        .execute();
    }
  }
}

export async function dropTables(
  trx: Transaction<unknown>,
  tables: readonly string[],
  generation: number,
): Promise<void> {
  for (const table of tables) await trx.schema.dropTable(tableName(table, generation)).ifExists().execute();
}

export async function loadRows(
  db: Kysely<unknown>,
  table: Table,
  generation: number,
  keys: readonly string[],
): Promise<Map<string, unknown>> {
  const rows = new Map<string, unknown>();
  for (const some of chunks(keys)) {
    const stored = await from(db, table.name, generation).selectAll().where('key', 'in', some).execute();
    for (const cells of stored) rows.set(String(cells['key']), table.decode(cells));
  }
  return rows;
}

/** @param rows null for a row that is no more. */
export async function saveRows(
  trx: Transaction<unknown>,
  table: Table,
  generation: number,
  rows: ReadonlyMap<string, unknown>,
): Promise<void> {
  const gone = [...rows].filter(([, row]) => row === null).map(([key]) => key);
  for (const some of chunks(gone)) {
    await schemaOf(trx).deleteFrom(aliasless(table.name, generation)).where('key', 'in', some).execute();
  }
  const kept = [...rows].filter(([, row]) => row !== null).map(([key, row]): Stored => ({ ...table.encode(row), key }));
  for (const some of chunks(kept)) {
    const columns = Object.keys(table.columns);
    await schemaOf(trx)
      .insertInto(aliasless(table.name, generation))
      .values(some)
      .onConflict((conflict) =>
        conflict
          .column('key')
          .doUpdateSet(Object.fromEntries(columns.map((column) => [column, sql.ref(`excluded.${column}`)]))),
      )
      .execute();
  }
}

/** Every row in the order of keys, as text: two tables are equal when this is. */
export async function dumpTable(db: Kysely<unknown>, table: Table, generation: number): Promise<string> {
  const names = ['key', ...Object.keys(table.columns)];
  const rows = await from(db, table.name, generation).selectAll().orderBy('key').execute();
  return rows.map((row) => JSON.stringify(names.map((name) => row[name]))).join('\n');
}

/** The table as `t`, with whatever columns the caller knows it to have. */
export function from<Row extends object = Schema['t']>(
  db: Kysely<unknown>,
  table: string,
  generation: number,
): Rows<Row> {
  return (db as Kysely<{ t: Row }>).selectFrom(`${tableName(table, generation)} as t` as 't');
}

function schemaOf(db: Kysely<unknown>): Kysely<Schema> {
  return db as Kysely<Schema>;
}

function aliasless(table: string, generation: number): 't' {
  return tableName(table, generation) as 't';
}

function chunks<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / ROWS_PER_STATEMENT);
  return Array.from({ length: count }, (_, i) => items.slice(i * ROWS_PER_STATEMENT, (i + 1) * ROWS_PER_STATEMENT));
}
