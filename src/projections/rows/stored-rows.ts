import { sql, type Kysely, type Transaction } from 'kysely';
import type { Cell, Cells, Table } from '../projection';
import { run, type Statement } from './statement';
import { tableName } from './tables';

/**
 * How many rows one statement is about: few sizes, so that few statements are built. PostgreSQL takes 65,535 values in
 * one, SQLite 32,766; rows have fewer than 30 columns.
 */
const SIZES = [1, 4, 16, 64, 256] as const;
const MOST = 256;

type Schema = Record<string, Record<string, Cell>>;

interface CellPlace {
  readonly row: number;
  readonly column: string;
}

export async function loadRows(
  db: Kysely<unknown>,
  table: Table,
  generation: number,
  keys: readonly string[],
): Promise<Map<string, unknown>> {
  const rows = new Map<string, unknown>();
  for (const some of portions(keys)) {
    const found = await run<number, Cells>(db, select(table, generation, some.length), (at) => some[at]);
    for (const cells of found.rows) rows.set(String(cells['key']), table.decode(cells));
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
  const gone: string[] = [];
  const kept: { readonly key: string; readonly cells: Cells }[] = [];
  for (const [key, row] of rows) {
    if (row === null) gone.push(key);
    else kept.push({ key, cells: table.encode(row) });
  }
  for (const some of portions(gone)) await run(trx, remove(table, generation, some.length), (at) => some[at]);
  for (let from = 0, size = 0; from < kept.length; from += size) {
    size = largestWithin(kept.length - from);
    await run(trx, upsert(table, generation, size), ({ row, column }) => {
      const one = kept[from + row];
      return column === 'key' ? one?.key : (one?.cells[column] ?? null);
    });
  }
}

function select({ name, columns }: Table, generation: number, size: number): Statement<number> {
  const stored = tableName(name, generation);
  const names = ['key', ...Object.keys(columns)];
  return {
    name: `select ${size} ${stored}`,
    build: (db, given) => schemaOf(db).selectFrom(stored).select(names).where('key', 'in', places(size).map(given)),
  };
}

function remove({ name }: Table, generation: number, size: number): Statement<number> {
  const stored = tableName(name, generation);
  return {
    name: `delete ${size} ${stored}`,
    build: (db, given) => schemaOf(db).deleteFrom(stored).where('key', 'in', places(size).map(given)),
  };
}

function upsert({ name, columns, fixed = [] }: Table, generation: number, size: number): Statement<CellPlace> {
  const stored = tableName(name, generation);
  const names = Object.keys(columns);
  const changing = names.filter((column) => !fixed.includes(column));
  const rowOf = (row: number, given: (place: CellPlace) => never) =>
    Object.fromEntries(['key', ...names].map((column) => [column, given({ row, column })]));
  return {
    name: `upsert ${size} ${stored}`,
    build: (db, given) =>
      schemaOf(db)
        .insertInto(stored)
        .values(places(size).map((row) => rowOf(row, given)))
        .onConflict((conflict) =>
          conflict
            .column('key')
            .doUpdateSet(Object.fromEntries(changing.map((column) => [column, sql.ref(`excluded.${column}`)]))),
        ),
  };
}

/** Each of one of the sizes; the last key is repeated to fill one up. */
function* portions(keys: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < keys.length; from += MOST) {
    const some = keys.slice(from, from + MOST);
    const size = SIZES.find((one) => one >= some.length) ?? MOST;
    const last = some.at(-1) ?? '';
    yield [...some, ...Array<string>(size - some.length).fill(last)];
  }
}

function largestWithin(count: number): number {
  return SIZES.findLast((size) => size <= count) ?? 1;
}

function places(size: number): number[] {
  return Array.from({ length: size }, (_, place) => place);
}

function schemaOf(db: Kysely<unknown>): Kysely<Schema> {
  return db as Kysely<Schema>;
}
