import type { Transaction } from 'kysely';
import type { LogEvent } from './log-event';
import type { Projection, Table } from './projection';
import { loadRows, saveRows } from './tables';

/** Applies events, in their order, to every table of a generation: one read and one write per table and batch. */
export async function applyBatch(
  trx: Transaction<unknown>,
  { tables }: Projection,
  generation: number,
  events: readonly LogEvent[],
): Promise<void> {
  for (const table of tables) await applyToTable(trx, table, generation, events);
}

async function applyToTable(
  trx: Transaction<unknown>,
  table: Table,
  generation: number,
  events: readonly LogEvent[],
): Promise<void> {
  const changes = events.flatMap((event) => table.keysOf(event).map((key) => ({ event, key })));
  if (changes.length === 0) return;
  const rows = await loadRows(trx, table, generation, [...new Set(changes.map(({ key }) => key))]);
  const changed = new Map<string, unknown>();
  for (const { event, key } of changes) {
    const before = rows.get(key) ?? null;
    const after = table.fold(before, event, key);
    if (after === before) continue;
    rows.set(key, after);
    changed.set(key, after);
  }
  await saveRows(trx, table, generation, changed);
}
