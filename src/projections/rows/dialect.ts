import { PostgresAdapter, sql, type ColumnDataType, type Kysely, type RawBuilder } from 'kysely';

/**
 * The one thing the two databases do not agree on. Text is compared byte by byte, as keys and instants need it: SQLite
 * always does so, PostgreSQL by the rules of some language unless it is told. Integers have 64 bits on both.
 */
export function columnType(db: Kysely<unknown>, type: 'text' | 'integer'): ColumnDataType | RawBuilder<unknown> {
  if (type === 'integer') return 'bigint';
  return db.getExecutor().adapter instanceof PostgresAdapter ? sql`text collate "C"` : 'text';
}
