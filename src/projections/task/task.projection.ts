import { flatRows } from '../rows/flat-rows';
import type { Projection, Table } from '../projection';
import { parseState, stateText } from '../events/state-text';
import { fold, keysOf, type TaskEventRow } from './task-event.projector';

const COLUMNS = {
  taskId: 'text',
  revision: 'text',
  type: 'text',
  at: 'text',
  actor: 'text',
  worker: 'text',
  data: 'text',
} as const;
const flat = flatRows<Omit<TaskEventRow, 'data'> & { readonly data: string }>(COLUMNS);

export const TASK_EVENT: Table<TaskEventRow> = {
  name: 'task_event',
  whose: 'task-in-key',
  columns: COLUMNS,
  // A key begins with the task it is about.
  indexes: [],
  fixed: ['taskId', 'revision'],
  keysOf,
  makes: () => true,
  fold,
  encode: (row) => flat.encode({ ...row, data: stateText(row.data) }),
  decode: (cells) => ({ ...flat.decode(cells), data: parseState(cells['data']) as object }),
};

export const TASK: Projection = { name: 'task', version: 4, tables: [TASK_EVENT] };
