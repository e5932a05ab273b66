import type { Transaction } from 'kysely';
import { growthOf, type RowChange } from './count-groups';
import type { LogEvent } from './log-event';
import type { Counted, GroupCount, Projection, Table } from './projection';
import { loadRows, saveRows } from './tables';

/** Applies events, in their order, to every table of a generation: one read and one write per table and batch. */
export async function applyBatch(
  trx: Transaction<unknown>,
  { tables }: Projection,
  generation: number,
  events: readonly LogEvent[],
): Promise<void> {
  for (const table of tables) {
    const changes = await applyToTable(trx, table, generation, events);
    if (table.counted) await applyToCounts(trx, table.counted, generation, growthOf(table, changes.values()));
  }
}

async function applyToTable(
  trx: Transaction<unknown>,
  table: Table,
  generation: number,
  events: readonly LogEvent[],
): Promise<ReadonlyMap<string, RowChange>> {
  const affected = events.flatMap((event) => table.keysOf(event).map((key) => ({ event, key })));
  const changes = new Map<string, RowChange>();
  if (affected.length === 0) return changes;
  const rows = await loadRows(trx, table, generation, [...new Set(affected.map(({ key }) => key))]);
  for (const { event, key } of affected) {
    const before = rows.get(key) ?? null;
    const after = table.fold(before, event, key);
    if (after === before) continue;
    rows.set(key, after);
    changes.set(key, { before: changes.has(key) ? (changes.get(key)?.before ?? null) : before, after });
  }
  await saveRows(trx, table, generation, afterOf(changes));
  return changes;
}

async function applyToCounts(
  trx: Transaction<unknown>,
  { table }: Counted<never>,
  generation: number,
  growth: ReturnType<typeof growthOf>,
): Promise<void> {
  if (growth.size === 0) return;
  const rows = (await loadRows(trx, table, generation, [...growth.keys()])) as Map<string, GroupCount>;
  const grown = [...growth].map(([key, { group, by }]): [string, GroupCount | null] => {
    const count = (rows.get(key)?.count ?? 0) + by;
    return [key, count === 0 ? null : { group, count }];
  });
  await saveRows(trx, table, generation, new Map(grown));
}

function afterOf(changes: ReadonlyMap<string, RowChange>): ReadonlyMap<string, unknown> {
  return new Map([...changes].map(([key, { after }]) => [key, after]));
}
