import type { LogEvent } from './log-event';

export type Cell = string | number | null;
export type Cells = Readonly<Record<string, Cell>>;

/**
 * A table of a read model and how events change its rows. Everything is a pure function of one row and one event, so
 * that any number of processes, batches and rebuilds arrive at the same bytes.
 */
export interface Table<Row = unknown> {
  /** Unique among all projections. */
  readonly name: string;
  /** Beside `key`, which every table has. */
  readonly columns: Readonly<Record<string, 'text' | 'integer'>>;
  readonly indexes: readonly (readonly string[])[];
  /** Keys of the rows that the event may change. */
  keysOf(event: LogEvent): readonly string[];
  /** @returns the row after the event; the same object when nothing changed, null when there is no row. */
  fold(row: Row | null, event: LogEvent, key: string): Row | null;
  encode(row: Row): Cells;
  decode(cells: Cells): Row;
}

/** Tables that are always at the same place of the log. */
export interface Projection {
  readonly name: string;
  /**
   * Raised whenever the same log would give other bytes: another column, another projector, another fold. The new
   * version is then built beside the old one, and takes over when it has reached the head.
   */
  readonly version: number;
  readonly tables: readonly Table[];
}
