import type { Lane } from '../../domain/lane/lane.decider';
import { laneJob } from '../../domain/task/next-step';
import type { SwitchSettings } from '../../domain/policy/switches.decider';
import { groupCounts } from '../rows/count-groups';
import { flatRows } from '../rows/flat-rows';
import type { Cells, Projection, Table } from '../projection';
import { parseState, stateText } from '../events/state-text';
import * as alert from './projectors/queue-alert.projector';
import * as count from './projectors/queue-count.projector';
import * as damage from './projectors/queue-damage.projector';
import * as delivery from './projectors/queue-delivery.projector';
import * as description from './projectors/queue-description.projector';
import * as flake from './projectors/queue-flake.projector';
import * as lane from './projectors/queue-lane.projector';
import type { Pace } from './projectors/queue-pace.projector';
import * as policy from './projectors/queue-policy.projector';
import * as switches from './projectors/queue-switch.projector';
import * as tally from './projectors/queue-tally.projector';
import * as usage from './projectors/queue-usage.projector';
import * as task from './projectors/queue-task.projector';
import { placeOf } from './queue-turn';
import { storedTask, taskFrom, type StoredTask } from './stored-task';

/** Columns as they are stored; the projector works on `state`, `endedAt` and `ended`, the others are for finding rows. */
export interface QueueTaskCells {
  readonly key: string;
  readonly project: string;
  readonly revision: string;
  /** Its place among all open tasks; null when the task has reached a final stage. */
  readonly stageRank: number | null;
  readonly turn: string | null;
  /** Since when the task could use its project's lane; null when it has no use for it. */
  readonly laneSince: string | null;
  readonly priority: number;
  /** 1 when its change is on main; SQLite has no truth values. */
  readonly hasLanded: number;
  readonly deferredUntil: string | null;
  /** Kind of the job that is claimed, and until when it is. */
  readonly claimJob: string | null;
  readonly claimUntil: string | null;
  /** When the latest step came to its end. */
  readonly endedAt: string | null;
  /** What steps took, as JSON; apart from the state because others of the project read it. */
  readonly ended: string;
  readonly state: string;
}

/** What is in the column `state`. */
type StoredState = Pick<task.QueueTask, 'attempt'> & Pick<Pace, 'wasHeld'> & { readonly task: StoredTask };

/** Open and finished tasks by project and stage. */
export const QUEUE_STAGE = groupCounts('queue_stage', { project: 'text', stage: 'text' });

export const QUEUE_TASK: Table<task.QueueTask> = {
  name: 'queue_task',
  whose: 'column',
  columns: {
    project: 'text',
    revision: 'text',
    stageRank: 'integer',
    turn: 'text',
    laneSince: 'text',
    priority: 'integer',
    hasLanded: 'integer',
    deferredUntil: 'text',
    claimJob: 'text',
    claimUntil: 'text',
    endedAt: 'text',
    ended: 'text',
    state: 'text',
  },
  indexes: [],
  sparseIndexes: [
    { columns: ['stageRank', 'turn'], having: 'turn' },
    { columns: ['project', 'stageRank', 'turn'], having: 'turn' },
    { columns: ['project'], having: 'laneSince' },
    { columns: ['project'], having: 'claimUntil' },
    // With all that is asked for: then no row has to be read.
    { columns: ['project', 'endedAt', 'key', 'ended'], having: 'endedAt' },
  ],
  counted: { table: QUEUE_STAGE, groupOf: ({ task: { project, stage } }) => ({ project, stage }) },
  fixed: ['project'],
  keysOf: task.keysOf,
  makes: task.makes,
  fold: task.fold,
  encode: ({ pace: { wasHeld, endedAt, ended }, ...state }) => ({
    project: state.task.project,
    revision: String(state.task.revision),
    ...(placeOf(state.task) ?? { stageRank: null, turn: null }),
    laneSince: laneJob(state.task) ? state.task.stageSince : null,
    priority: state.task.priority,
    hasLanded: state.task.landed ? 1 : 0,
    deferredUntil: state.task.deferral?.until ?? null,
    claimJob: state.task.claim?.job.kind ?? null,
    claimUntil: state.task.claim?.deadlineAt ?? null,
    endedAt,
    ended: JSON.stringify(ended),
    state: stateText({ attempt: state.attempt, task: storedTask(state.task), wasHeld }),
  }),
  decode: (cells) => {
    const { endedAt, ended, state } = cells as unknown as QueueTaskCells;
    const { attempt, task, wasHeld } = JSON.parse(state) as StoredState;
    const pace = { wasHeld, endedAt, ended: JSON.parse(ended) as Pace['ended'] };
    return { task: taskFrom(task), attempt, pace };
  },
};

export const QUEUE_LANE: Table<Lane> = { ...stateTable<Lane>('queue_lane'), keysOf: lane.keysOf, fold: lane.fold };
export const QUEUE_POLICY: Table<policy.QueuePolicy> = {
  ...stateTable<policy.QueuePolicy>('queue_policy'),
  keysOf: policy.keysOf,
  fold: policy.fold,
};
export const QUEUE_SWITCH: Table<SwitchSettings> = {
  ...stateTable<SwitchSettings>('queue_switch'),
  keysOf: switches.keysOf,
  fold: switches.fold,
};
export const QUEUE_COUNT: Table<count.Counts> = {
  ...stateTable<count.Counts>('queue_count'),
  keysOf: count.keysOf,
  fold: count.fold,
};

/** Gates' answers, retries and holds, for whoever watches from outside. */
export const QUEUE_TALLY: Table<tally.Tally> = {
  ...stateTable<tally.Tally>('queue_tally'),
  keysOf: tally.keysOf,
  fold: tally.fold,
};

export const QUEUE_ALERT: Table<alert.QueueAlert> = {
  name: 'queue_alert',
  whose: 'column',
  ...flatRows<alert.QueueAlert>({
    taskId: 'text',
    project: 'text',
    alert: 'text',
    severity: 'text',
    title: 'text',
    detail: 'text',
    raisedAt: 'text',
    state: 'text',
    openSince: 'text',
    acknowledgedBy: 'text',
    acknowledgedAt: 'text',
    closedBy: 'text',
    closedAt: 'text',
    note: 'text',
  }),
  indexes: [['raisedAt'], ['project', 'raisedAt']],
  sparseIndexes: [{ columns: ['project', 'openSince'], having: 'openSince' }],
  keysOf: alert.keysOf,
  fold: alert.fold,
};

export const QUEUE_DELIVERY: Table<delivery.QueueDelivery> = {
  name: 'queue_delivery',
  whose: 'column',
  ...flatRows<delivery.QueueDelivery>({
    sink: 'text',
    alert: 'text',
    taskId: 'text',
    project: 'text',
    outcome: 'text',
    unsent: 'text',
    tries: 'integer',
    firstAt: 'text',
    lastAt: 'text',
    nextAt: 'text',
    answer: 'text',
    stream: 'text',
    revision: 'text',
    subscriber: 'text',
  }),
  indexes: [['firstAt'], ['sink', 'firstAt'], ['alert']],
  sparseIndexes: [{ columns: ['project', 'unsent'], having: 'unsent' }],
  keysOf: delivery.keysOf,
  fold: delivery.fold,
};

export const QUEUE_DAMAGE: Table<damage.QueueDamage> = {
  name: 'queue_damage',
  whose: 'column',
  ...flatRows<damage.QueueDamage>({
    stream: 'text',
    project: 'text',
    revision: 'text',
    type: 'text',
    reason: 'text',
    at: 'text',
  }),
  indexes: [],
  keysOf: damage.keysOf,
  fold: damage.fold,
};

/** The project and the time stand beside the row for finding it. */
export const QUEUE_FLAKE: Table<flake.QueueFlake> = {
  ...stateTable<flake.QueueFlake>('queue_flake'),
  whose: 'column',
  columns: { project: 'text', lastAt: 'text', state: 'text' },
  indexes: [['project', 'lastAt'], ['lastAt']],
  keysOf: flake.keysOf,
  fold: flake.fold,
  encode: (row) => ({ project: row.project, lastAt: row.lastAt, state: stateText(row) }),
};

export const QUEUE_DESCRIPTION: Table<description.QueueDescription> = {
  name: 'queue_description',
  whose: 'task-in-key',
  ...flatRows<description.QueueDescription>({ description: 'text' }),
  indexes: [],
  keysOf: description.keysOf,
  makes: (seen) => description.descriptionIn(seen) !== null,
  fold: description.fold,
};

/** What agents of a project took. */
export const QUEUE_USAGE: Table<usage.RoleTotals> = {
  ...stateTable<usage.RoleTotals>('queue_usage'),
  ...usage.ofProject,
};
/** What agents of a task took: read by whoever looks at that one task. */
export const QUEUE_TASK_USAGE: Table<usage.RoleTotals> = {
  ...stateTable<usage.RoleTotals>('queue_usage_of_task'),
  whose: 'task-in-key',
  ...usage.ofTask,
};

export const QUEUE: Projection = {
  name: 'queue',
  version: 34,
  tables: [
    QUEUE_TASK,
    QUEUE_STAGE,
    QUEUE_LANE,
    QUEUE_POLICY,
    QUEUE_SWITCH,
    QUEUE_COUNT,
    QUEUE_TALLY,
    QUEUE_ALERT,
    QUEUE_DELIVERY,
    QUEUE_DAMAGE,
    QUEUE_FLAKE,
    QUEUE_DESCRIPTION,
    QUEUE_USAGE,
    QUEUE_TASK_USAGE,
  ],
};

function stateTable<Row>(name: string) {
  return {
    name,
    columns: { state: 'text' },
    whose: 'key',
    indexes: [],
    encode: (row: Row): Cells => ({ state: stateText(row) }),
    decode: (cells: Cells): Row => parseState(cells['state']) as Row,
  } as const;
}
