import { sql, type Kysely, type SelectQueryBuilder, type Transaction } from 'kysely';
import { InfrastructureError } from '../../application/ports/infrastructure-error';
import { columnType } from './dialect';
import type { Projection, Table } from '../projection';

/** A query over one table, known as `t`. */
export type Rows<Row extends object> = SelectQueryBuilder<{ t: Row }, 't', object>;

interface Schema {
  t: Record<string, string | number | null>;
}

export function tableName(table: string, generation: number): string {
  return `${table}_g${generation}`;
}

/** Without indexes. Whatever stands under these names is replaced: only the table of generations says what is in use. */
export async function createTables(
  trx: Transaction<unknown>,
  projection: Projection,
  generation: number,
): Promise<void> {
  for (const { name, columns } of projection.tables) {
    const stored = tableName(name, generation);
    await dropTables(trx, [name], generation);
    let table = trx.schema
      .createTable(stored)
      .addColumn('key', columnType(trx, 'text'), (column) => column.primaryKey());
    for (const [column, type] of Object.entries(columns)) table = table.addColumn(column, columnType(trx, type));
    await table.execute();
  }
}

/**
 * Indexes, where they are missing: only readers need them, and making them all at once takes a third of what keeping them
 * up costs while the rows come in.
 */
export async function createIndexes(trx: Transaction<unknown>, table: Table, generation: number): Promise<void> {
  const { name, indexes, sparseIndexes = [] } = table;
  const stored = tableName(name, generation);
  const create = (index: string) => trx.schema.createIndex(`${stored}_${index}`).ifNotExists().on(stored);
  for (const columns of indexes)
    await create(columns.join('_'))
      .columns([...columns])
      .execute();
  for (const { columns, having } of sparseIndexes)
    await create(`${columns.join('_')}_of_${having}`)
      .columns([...columns])
      .where(sql.ref(having), 'is not', null)
      .execute();
}

export async function dropTables(
  trx: Transaction<unknown>,
  tables: readonly string[],
  generation: number,
): Promise<void> {
  for (const table of tables) await trx.schema.dropTable(tableName(table, generation)).ifExists().execute();
}

/** Whether all tables of a generation are there, each with its columns: nobody but us has a reason to change them. */
export async function hasTables(db: Kysely<unknown>, projection: Projection, generation: number): Promise<boolean> {
  for (const { name, columns } of projection.tables) {
    try {
      await from(db, name, generation)
        .select(['key', ...Object.keys(columns)])
        .limit(0)
        .execute();
    } catch (error) {
      // A server that is away says nothing about its tables.
      if (error instanceof InfrastructureError) throw error;
      return false;
    }
  }
  return true;
}

/** The table as `t`, with whatever columns the caller knows it to have. */
export function from<Row extends object = Schema['t']>(
  db: Kysely<unknown>,
  table: string,
  generation: number,
): Rows<Row> {
  return (db as Kysely<{ t: Row }>).selectFrom(`${tableName(table, generation)} as t` as 't');
}
