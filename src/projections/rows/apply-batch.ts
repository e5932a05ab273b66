import type { Transaction } from 'kysely';
import { growthOf, type RowChange } from './count-groups';
import type { TableRows } from './row-cache';
import type { LogEvent } from '../events/log-event';
import type { Counted, GroupCount, Projection, Table } from '../projection';
import { loadRows, saveRows } from './stored-rows';

/** One generation's tables: where they are, and what is known of their rows already. */
interface Target {
  readonly generation: number;
  readonly known: TableRows;
}

/**
 * Applies events, in their order, to every table of a generation: at most one read and one write per table and batch.
 * What is known of the rows afterwards is right once the transaction is committed.
 */
export async function applyBatch(
  trx: Transaction<unknown>,
  { tables }: Projection,
  target: Target,
  events: readonly LogEvent[],
): Promise<void> {
  for (const table of tables) {
    const changes = await applyToTable(trx, table, target, events);
    if (table.counted) await applyToCounts(trx, table.counted, target, growthOf(table, changes.values()));
  }
}

async function applyToTable(
  trx: Transaction<unknown>,
  table: Table,
  target: Target,
  events: readonly LogEvent[],
): Promise<ReadonlyMap<string, RowChange>> {
  const affected: { readonly event: LogEvent; readonly key: string }[] = [];
  for (const event of events) for (const key of table.keysOf(event)) affected.push({ event, key });
  const changes = new Map<string, RowChange>();
  if (affected.length === 0) return changes;
  const rows = await rowsFor(trx, table, target, affected);
  for (const { event, key } of affected) {
    const before = rows.get(key) ?? null;
    const after = table.fold(before, event, key);
    if (after === before) continue;
    // Anew, so that the rows that were changed last stand last.
    rows.delete(key);
    rows.set(key, after);
    const first = changes.get(key);
    changes.set(key, { before: first ? first.before : before, after });
  }
  await saveRows(trx, table, target.generation, afterOf(changes));
  return changes;
}

/** What the cache has of the table's rows, with those that the events need. */
async function rowsFor(
  trx: Transaction<unknown>,
  table: Table,
  { generation, known }: Target,
  affected: readonly { readonly event: LogEvent; readonly key: string }[],
): Promise<Map<string, unknown>> {
  const rows = known.get(table.name) ?? new Map<string, unknown>();
  known.set(table.name, rows);
  const missing = new Set<string>();
  for (const { event, key } of affected) {
    if (rows.has(key) || missing.has(key)) continue;
    if (table.makes?.(event)) rows.set(key, null);
    else missing.add(key);
  }
  const loaded = await loadRows(trx, table, generation, [...missing]);
  for (const key of missing) rows.set(key, loaded.get(key) ?? null);
  return rows;
}

async function applyToCounts(
  trx: Transaction<unknown>,
  { table }: Counted<never>,
  { generation, known }: Target,
  growth: ReturnType<typeof growthOf>,
): Promise<void> {
  if (growth.size === 0) return;
  const rows = known.get(table.name) ?? new Map<string, unknown>();
  known.set(table.name, rows);
  const loaded = await loadRows(
    trx,
    table,
    generation,
    [...growth.keys()].filter((key) => !rows.has(key)),
  );
  const grown = [...growth].map(([key, { group, by }]): [string, GroupCount | null] => {
    const before = (rows.get(key) ?? loaded.get(key) ?? null) as GroupCount | null;
    const count = (before?.count ?? 0) + by;
    return [key, count === 0 ? null : { group, count }];
  });
  for (const [key, row] of grown) rows.set(key, row);
  await saveRows(trx, table, generation, new Map(grown));
}

function afterOf(changes: ReadonlyMap<string, RowChange>): ReadonlyMap<string, unknown> {
  const after = new Map<string, unknown>();
  for (const [key, change] of changes) after.set(key, change.after);
  return after;
}
