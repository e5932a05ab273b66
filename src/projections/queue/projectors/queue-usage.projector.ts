import type { AgentRole } from '../../../domain/task/pipeline';
import { withRun, type UsageTotals } from '../../../domain/usage/usage-totals';
import type { LogEvent, SeenTaskEvent } from '../../events/log-event';

/** What agents took, by role. */
export type RoleTotals = Readonly<Partial<Record<AgentRole, UsageTotals>>>;

/** Rows of a project, and rows of a task. */
export const ofProject = { keysOf: (seen: LogEvent) => (isOfAgent(seen) ? [seen.project] : []), fold };
export const ofTask = {
  keysOf: (seen: LogEvent) => (isOfAgent(seen) && seen.of === 'task' ? [seen.taskId] : []),
  fold,
};

function isOfAgent(seen: LogEvent): boolean {
  return seen.of === 'task' && runIn(seen.event) !== null;
}

function fold(row: RoleTotals | null, seen: LogEvent): RoleTotals | null {
  const ended = seen.of === 'task' ? runIn(seen.event) : null;
  if (!ended) return row;
  const { role, usage, run } = ended;
  return { ...row, [role]: withRun(row?.[role], { usage, durationMs: run?.durationMs ?? 0 }) };
}

function runIn({ type, data }: SeenTaskEvent) {
  return type === 'AgentJobFinished' || type === 'AgentJobErrored' ? data : null;
}
