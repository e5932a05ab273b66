import type { Projection, Table } from '../projection';
import { parseState, stateText } from '../events/state-text';
import { flatRows } from '../rows/flat-rows';
import * as agentRun from './agent-run.projector';
import * as role from './role.projector';

export const AGENT_RUN: Table<agentRun.AgentRun> = {
  name: 'determinization_run',
  whose: 'column',
  ...flatRows<agentRun.AgentRun>({
    taskId: 'text',
    project: 'text',
    stage: 'text',
    subject: 'text',
    claim: 'text',
    runId: 'text',
    role: 'text',
    status: 'text',
    passed: 'integer',
    ended: 'integer',
    durationMs: 'integer',
    counted: 'integer',
    inputTokens: 'integer',
    outputTokens: 'integer',
    cachedTokens: 'integer',
    costMicroUsd: 'integer',
    shadowRunId: 'text',
    shadowPassed: 'integer',
    shadowReason: 'text',
    shadowMs: 'integer',
  }),
  // Most agents have no shadow; what is compared is asked for by its subject.
  indexes: [['subject']],
  sparseIndexes: [{ columns: ['project', 'subject'], having: 'shadowRunId' }],
  fixed: ['taskId', 'project', 'stage', 'subject', 'claim', 'runId', 'role'],
  keysOf: agentRun.keysOf,
  makes: agentRun.makes,
  fold: agentRun.fold,
};

export const ROLE: Table<role.RoleRows> = {
  name: 'determinization_role',
  whose: 'key',
  columns: { state: 'text' },
  indexes: [],
  keysOf: role.keysOf,
  fold: role.fold,
  encode: (row) => ({ state: stateText(row) }),
  decode: ({ state = null }) => parseState(state) as role.RoleRows,
};

export const DETERMINIZATION: Projection = { name: 'determinization', version: 1, tables: [AGENT_RUN, ROLE] };
