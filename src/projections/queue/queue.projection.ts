import type { Lane } from '../../domain/lane/lane.decider';
import { isFinal } from '../../domain/task/pipeline';
import { flatRows } from '../flat-rows';
import type { Cells, Projection, Table } from '../projection';
import { parseState, stateText } from '../state-text';
import * as alert from './queue-alert.projector';
import * as count from './queue-count.projector';
import * as lane from './queue-lane.projector';
import type { Pace } from './queue-pace.projector';
import * as policy from './queue-policy.projector';
import * as task from './queue-task.projector';

/** Columns as they are stored; the projector works on `state`, `endedAt` and `ended`. */
export interface QueueTaskCells {
  readonly key: string;
  readonly project: string;
  /** 1 until the task has reached a final stage. */
  readonly isOpen: number;
  readonly stage: string;
  readonly revision: string;
  readonly state: string;
  /** When the latest step came to its end. */
  readonly endedAt: string | null;
  /** What steps took, as JSON; apart from the state because others of the project read it. */
  readonly ended: string;
}

export const QUEUE_TASK: Table<task.QueueTask> = {
  name: 'queue_task',
  columns: {
    project: 'text',
    isOpen: 'integer',
    stage: 'text',
    revision: 'text',
    state: 'text',
    endedAt: 'text',
    ended: 'text',
  },
  indexes: [
    ['isOpen', 'project'],
    ['project', 'endedAt'],
  ],
  keysOf: task.keysOf,
  fold: task.fold,
  encode: ({ pace: { wasHeld, endedAt, ended }, ...state }) => ({
    project: state.task.project,
    isOpen: isFinal(state.task.stage) ? 0 : 1,
    stage: state.task.stage,
    revision: String(state.task.revision),
    state: stateText({ ...state, wasHeld }),
    endedAt,
    ended: JSON.stringify(ended),
  }),
  decode: (cells) => {
    const { wasHeld, ...state } = parseState(cells['state']) as Omit<task.QueueTask, 'pace'> & Pick<Pace, 'wasHeld'>;
    const { endedAt, ended } = cells as unknown as QueueTaskCells;
    return { ...state, pace: { wasHeld, endedAt, ended: JSON.parse(ended) as Pace['ended'] } };
  },
};

export const QUEUE_LANE: Table<Lane> = { ...stateTable<Lane>('queue_lane'), keysOf: lane.keysOf, fold: lane.fold };
export const QUEUE_POLICY: Table<policy.QueuePolicy> = {
  ...stateTable<policy.QueuePolicy>('queue_policy'),
  keysOf: policy.keysOf,
  fold: policy.fold,
};
export const QUEUE_COUNT: Table<count.Counts> = {
  ...stateTable<count.Counts>('queue_count'),
  keysOf: count.keysOf,
  fold: count.fold,
};

export const QUEUE_ALERT: Table<alert.QueueAlert> = {
  name: 'queue_alert',
  ...flatRows<alert.QueueAlert>({
    taskId: 'text',
    project: 'text',
    alert: 'text',
    severity: 'text',
    title: 'text',
    raisedAt: 'text',
  }),
  indexes: [['project']],
  keysOf: alert.keysOf,
  fold: alert.fold,
};

export const QUEUE: Projection = {
  name: 'queue',
  version: 5,
  tables: [QUEUE_TASK, QUEUE_LANE, QUEUE_POLICY, QUEUE_COUNT, QUEUE_ALERT],
};

function stateTable<Row>(name: string) {
  return {
    name,
    columns: { state: 'text' },
    indexes: [],
    encode: (row: Row): Cells => ({ state: stateText(row) }),
    decode: (cells: Cells): Row => parseState(cells['state']) as Row,
  } as const;
}
