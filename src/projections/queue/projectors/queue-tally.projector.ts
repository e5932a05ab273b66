import type { GateResultKind, GateName } from '../../../domain/task/pipeline';
import type { BudgetName, HoldReason } from '../../../domain/task/task.events';
import type { LogEvent, SeenTaskEvent } from '../../events/log-event';

/** What is counted of a project, since the beginning of the log, beside what mechanisms do. */
export type Tally = Readonly<Partial<Record<TallyKey, number>>>;
export type TallyKey = `gate ${GateName} ${GateResultKind}` | `retry ${BudgetName}` | `hold ${HoldReason}`;

export function keysOf(seen: LogEvent): readonly string[] {
  return seen.of === 'task' && tallied(seen.event) !== null ? [seen.project] : [];
}

export function fold(row: Tally | null, seen: LogEvent): Tally | null {
  const key = seen.of === 'task' ? tallied(seen.event) : null;
  return key === null ? row : { ...row, [key]: (row?.[key] ?? 0) + 1 };
}

function tallied({ type, data }: SeenTaskEvent): TallyKey | null {
  switch (type) {
    case 'GateEvaluated':
      return `gate ${data.gate} ${data.result}`;
    case 'TaskHeld':
      return `hold ${data.reason}`;
    case 'TransitionReaped':
      return 'retry crash';
    case 'StageRolledBack':
    case 'RunDeferred':
    case 'VerdictVoided':
    case 'LandingLost':
    case 'AgentJobErrored':
      return data.spends && `retry ${data.spends.budget}`;
    default:
      return null;
  }
}
