import type { Cells, GroupCount, Table } from '../projection';

/** A row before and after a batch; null where there is none. */
export interface RowChange {
  readonly before: unknown;
  readonly after: unknown;
}

/** The table of a `Counted`: one row per group, its columns the group's cells and `count`. */
export function groupCounts(
  name: string,
  columns: Readonly<Record<string, 'text'>> & { readonly project: 'text' },
): Table<GroupCount> {
  const names = Object.keys(columns);
  return {
    name,
    columns: { ...columns, count: 'integer' },
    whose: 'column',
    indexes: [],
    keysOf: () => [],
    fold: (row) => row,
    encode: ({ group, count }) => ({ ...group, count }),
    decode: (cells) => ({
      group: Object.fromEntries(names.map((column) => [column, cells[column] ?? null])),
      count: cells['count'] as number,
    }),
  };
}

/** By how much each group has grown, by the key of its row; those that are as large as before are left out. */
export function growthOf(
  table: Table,
  changes: Iterable<RowChange>,
): ReadonlyMap<string, { readonly group: Cells; readonly by: number }> {
  const growth = new Map<string, { group: Cells; by: number }>();
  const add = (row: unknown, by: number) => {
    if (row === null || !table.counted) return;
    const group = table.counted.groupOf(row);
    const key = Object.values(group).join(' ');
    growth.set(key, { group, by: (growth.get(key)?.by ?? 0) + by });
  };
  for (const { before, after } of changes) {
    add(before, -1);
    add(after, 1);
  }
  for (const [key, { by }] of growth) if (by === 0) growth.delete(key);
  return growth;
}
