import type { Cells } from '../projection';

/** For tables whose columns are their rows' members. */
export function flatRows<Row>(columns: Readonly<Record<string, 'text' | 'integer'>>) {
  const names = Object.keys(columns);
  const pick = (from: object) => Object.fromEntries(names.map((name) => [name, (from as Cells)[name] ?? null]));
  return {
    columns,
    encode: (row: Row): Cells => pick(row as object),
    decode: (cells: Cells): Row => pick(cells) as Row,
  };
}
