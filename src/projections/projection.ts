import type { LogEvent } from './events/log-event';

export type Cell = string | number | null;
export type Cells = Readonly<Record<string, Cell>>;

/** How a row says of which project it is: by its column `project`, by its key, or by the task that its key begins with. */
export type WhoseRow = 'column' | 'key' | 'task-in-key';

/**
 * A table of a read model and how events change its rows. Everything is a pure function of one row and one event, so
 * that any number of processes, batches and rebuilds arrive at the same bytes.
 */
export interface Table<Row = unknown> {
  /** Unique among all projections. */
  readonly name: string;
  /** Beside `key`, which every table has. */
  readonly columns: Readonly<Record<string, 'text' | 'integer'>>;
  readonly whose: WhoseRow;
  readonly indexes: readonly (readonly string[])[];
  /** Indexes of the rows that have a value in one column: what is asked for are few of many. */
  readonly sparseIndexes?: readonly { readonly columns: readonly string[]; readonly having: string }[];
  /** Columns that are as they were when the row was made: what is not written again leaves its indexes alone. */
  readonly fixed?: readonly string[];
  /** Where its rows are counted, by groups. */
  readonly counted?: Counted<Row>;
  /** Keys of the rows that the event may change. */
  keysOf(event: LogEvent): readonly string[];
  /** Whether the event makes the row of which there was none before: then nothing is read for it. Left out: none does. */
  makes?(event: LogEvent): boolean;
  /** @returns the row after the event; the same object when nothing changed, null when there is no row. */
  fold(row: Row | null, event: LogEvent, key: string): Row | null;
  encode(row: Row): Cells;
  decode(cells: Cells): Row;
}

/**
 * A count of a table's rows for each group of them, kept up with the rows: for what is asked for often and would have to
 * read every row. A function of the rows alone, so that batches leave no trace in it either.
 */
export interface Counted<Row> {
  /** One of the same projection's tables, with the group's cells as columns. No event changes it directly. */
  readonly table: Table<GroupCount>;
  groupOf(row: Row): Cells;
}

export interface GroupCount {
  readonly group: Cells;
  /** Never 0: such a group has no row. */
  readonly count: number;
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
