import { groupCounts } from '../rows/count-groups';
import { flatRows } from '../rows/flat-rows';
import type { Projection, Table } from '../projection';
import { parseState, stateText } from '../events/state-text';
import * as run from './run.projector';
import * as end from './run-end.projector';

const COLUMNS = {
  taskId: 'text',
  project: 'text',
  claim: 'text',
  runId: 'text',
  stage: 'text',
  job: 'text',
  worker: 'text',
  headOid: 'text',
  claimedAt: 'text',
  deadlineAt: 'text',
  endedAt: 'text',
  outcome: 'text',
  reason: 'text',
  detail: 'text',
  exitCode: 'integer',
  durationMs: 'integer',
  isolation: 'text',
  logDigest: 'text',
  leaked: 'integer',
  usage: 'text',
  agentUsage: 'text',
  agentUsageNote: 'text',
  refused: 'integer',
} as const;
type Stored = Omit<run.Run, 'usage' | 'agentUsage'> & Readonly<Record<'usage' | 'agentUsage', string | null>>;
const flat = flatRows<Stored>(COLUMNS);
const json = (value: object | null) => value && stateText(value);

/** Runs by project, job and how they ended. */
export const RUN_COUNT = groupCounts('run_count', { project: 'text', job: 'text', outcome: 'text' });

export const RUN: Table<run.Run> = {
  name: 'run',
  whose: 'column',
  columns: COLUMNS,
  // A key begins with the task it is about.
  indexes: [['runId'], ['project', 'claimedAt'], ['claimedAt']],
  fixed: ['taskId', 'project', 'claim', 'runId', 'stage', 'job', 'worker', 'headOid', 'claimedAt'],
  counted: { table: RUN_COUNT, groupOf: ({ project, job, outcome }) => ({ project, job, outcome }) },
  keysOf: run.keysOf,
  makes: run.makes,
  fold: run.fold,
  encode: (row) => flat.encode({ ...row, usage: json(row.usage), agentUsage: json(row.agentUsage) }),
  decode: (cells) => ({
    ...flat.decode(cells),
    usage: cells['usage'] === null ? null : (parseState(cells['usage']) as object),
    agentUsage: cells['agentUsage'] === null ? null : (parseState(cells['agentUsage']) as run.Run['agentUsage']),
  }),
};

export const RUN_END: Table<end.RunEnd> = {
  name: 'run_end',
  whose: 'task-in-key',
  columns: { cancelledAt: 'text' },
  indexes: [],
  keysOf: end.keysOf,
  fold: end.fold,
  encode: ({ cancelledAt }) => ({ cancelledAt }),
  decode: (cells) => ({ cancelledAt: String(cells['cancelledAt']) }),
};

export const RUNS: Projection = { name: 'runs', version: 7, tables: [RUN, RUN_COUNT, RUN_END] };
