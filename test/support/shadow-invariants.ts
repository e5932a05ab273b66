import type { StoredEvent } from '../../src/application/ports/event-store';
import type { TaskEvent, TaskEventData } from '../../src/domain/task/task.events';
import { recorded } from './recorded';
import { noting, type Violation } from './violation';

/**
 * I33: a fact of a shadow says beside which agent's run it was made, about that run's commit, once; and no other event is about
 * the run of a shadow.
 */
export function checkShadows(events: readonly StoredEvent[]): Violation[] {
  const violations: Violation[] = [];
  const claims = new Map<string, TaskEventData['TransitionClaimed']>();
  const seen = new Set<string>();
  for (const stored of events) {
    const event = recorded<TaskEvent>(stored);
    const wrong = noting(violations, 'I33', stored);
    if (event.type === 'TransitionClaimed') claims.set(String(stored.revision), event.data);
    if (event.type !== 'ShadowSuiteFinished') {
      if (aboutShadow(event)) wrong('is about the run of a shadow');
      continue;
    }
    const { claim, stage, headOid, runId } = event.data;
    const beside = claims.get(claim);
    if (beside?.job.kind !== 'agent') wrong(`claim ${claim} is no agent's`);
    else if (beside.stage !== stage || beside.headOid !== headOid)
      wrong(`at ${stage} on ${headOid}, the agent at ${beside.stage} on ${String(beside.headOid)}`);
    else if (runId !== `${beside.runId}-shadow`) wrong(`run ${runId} is not beside ${beside.runId}`);
    if (seen.has(runId)) wrong(`run ${runId} is told twice`);
    seen.add(runId);
  }
  return violations;
}

function aboutShadow({ data }: TaskEvent): boolean {
  const { runId, run } = data as { readonly runId?: string; readonly run?: { readonly runId: string } | null };
  return [runId, run?.runId].some((id) => id?.endsWith('-shadow') === true);
}
