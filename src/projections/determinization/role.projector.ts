import { isAgentRole, type AgentRole } from '../../domain/task/pipeline';
import { NO_USAGE, withRun, type UsageTotals } from '../../domain/usage/usage-totals';
import type { LogEvent, SeenTaskEvent } from '../events/log-event';

/** What the runs of one role came to, and took, since the beginning of the log. */
export interface RoleRow {
  readonly usage: UsageTotals;
  /** How many of the runs have told a cost. */
  readonly priced: number;
  readonly finished: number;
  readonly errored: number;
  /** By the word of the artifact. */
  readonly verdicts: Readonly<Record<string, number>>;
}

/** Of a project. */
export type RoleRows = Readonly<Partial<Record<AgentRole, RoleRow>>>;

export function keysOf(seen: LogEvent): readonly string[] {
  return seen.of === 'task' && roleIn(seen.event) !== null ? [seen.project] : [];
}

export function fold(row: RoleRows | null, seen: LogEvent): RoleRows | null {
  const role = seen.of === 'task' ? roleIn(seen.event) : null;
  if (role === null || seen.of !== 'task') return row;
  return { ...row, [role]: withEvent(row?.[role], seen.event) };
}

function roleIn({ type, data }: SeenTaskEvent): AgentRole | null {
  switch (type) {
    case 'AgentJobFinished':
    case 'AgentJobErrored':
      return data.role;
    case 'VerdictRecorded':
      return data.source === 'agent' && isAgentRole(data.producer) ? data.producer : null;
    default:
      return null;
  }
}

const NOTHING: Omit<RoleRow, 'usage'> = { priced: 0, finished: 0, errored: 0, verdicts: {} };

function withEvent(before: RoleRow | undefined, { type, data }: SeenTaskEvent): RoleRow | undefined {
  const row = before ?? { ...NOTHING, usage: NO_USAGE };
  switch (type) {
    case 'VerdictRecorded':
      return { ...row, verdicts: { ...row.verdicts, [data.status]: (row.verdicts[data.status] ?? 0) + 1 } };
    case 'AgentJobFinished':
    case 'AgentJobErrored': {
      const end = type === 'AgentJobFinished' ? 'finished' : 'errored';
      return {
        ...row,
        [end]: row[end] + 1,
        priced: row.priced + (data.usage?.costUsd === undefined ? 0 : 1),
        usage: withRun(before?.usage, { usage: data.usage, durationMs: data.run?.durationMs ?? 0 }),
      };
    }
    default:
      return before;
  }
}
