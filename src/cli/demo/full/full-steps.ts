import type { StoredEvent } from '../../../application/ports/event-store';
import { readTaskEvent } from '../../../application/read-events';
import type { Unreadable } from '../../../domain/damage';
import type { Job } from '../../../domain/task/job';
import { runnerOf, type WorkStage } from '../../../domain/task/pipeline';
import type { AgentUsage } from '../../../domain/usage/agent-usage';
import type { TaskEvent, TaskEventOf } from '../../../domain/task/task.events';

/** One piece of work that a task was carried by. */
export interface FullStep {
  readonly stage: WorkStage;
  readonly producer: string;
  /** In the producer's words; of a commit and a landing, the commit. */
  readonly verdict: string;
  /** Of the processes; null where only git worked. */
  readonly durationMs: number | null;
  /** What the agent says; null where there is none. */
  readonly usage: AgentUsage | null;
  /** What the suite said that ran beside the agent; null where none did, or its branch moved before. */
  readonly shadow: { readonly verdict: string; readonly durationMs: number } | null;
}

interface Open extends FullStep {
  readonly claim: string;
}

/** The steps of one task, in order. */
export function stepsOf(stored: readonly StoredEvent[]): readonly FullStep[] {
  const steps: Open[] = [];
  for (const { revision, event } of stored.map((one) => ({ ...one, event: readTaskEvent(one) }))) {
    if (event.type === 'TransitionClaimed') steps.push(begun(event.data, String(revision)));
    // A suite that runs beside an agent may come to its end behind whatever comes next.
    const at = steps.findLastIndex(({ claim }) => 'claim' in event.data && event.data.claim === claim);
    const cited = steps[at];
    if (cited) steps[at] = { ...cited, ...seen(event) };
  }
  return steps.map(({ stage, producer, verdict, durationMs, usage, shadow }) => {
    return { stage, producer, verdict, durationMs, usage, shadow };
  });
}

function begun({ job, stage }: TaskEventOf<'TransitionClaimed'>['data'], claim: string): Open {
  return { claim, stage, producer: producerOf(job, stage), verdict: '-', durationMs: null, usage: null, shadow: null };
}

function producerOf(job: Job, stage: WorkStage): string {
  switch (job.kind) {
    case 'agent':
      return job.role;
    case 'staging-suite':
    case 'testing-suite':
    case 'landing':
    case 'landing-recovery':
    case 'deploy':
    case 'monitor-poll':
      return runnerOf(stage);
    default:
      return job.kind;
  }
}

function seen(event: TaskEvent | Unreadable): Partial<FullStep> {
  switch (event.type) {
    case 'StagingSuiteExecuted':
    case 'TestSuiteExecuted':
      return { durationMs: event.data.run.durationMs };
    case 'AgentJobFinished': {
      const { run, usage = null, headOid } = event.data;
      return { durationMs: run.durationMs, usage, ...(headOid === null ? {} : { verdict: headOid.slice(0, 8) }) };
    }
    case 'AgentJobErrored':
      return { verdict: event.data.reason };
    case 'ToolErrored':
      return { verdict: event.data.failure.reason };
    case 'VerdictRecorded':
      return { verdict: event.data.status };
    case 'BranchRebased':
      return event.data.outcome === 'conflict' ? { verdict: 'conflict' } : {};
    case 'RetestFinished':
      return { verdict: event.data.outcome, durationMs: event.data.run.durationMs };
    case 'RetestSkipped':
      return { verdict: 'skipped' };
    case 'EvidenceRecorded':
      return event.data.gate === 'check_no_silent_revert' && event.data.evidence['silent'] === 0
        ? { verdict: 'pass' }
        : {};
    case 'ShadowSuiteFinished':
      return { shadow: { verdict: event.data.status ?? 'not executed', durationMs: event.data.durationMs } };
    case 'TaskLanded':
      return { verdict: event.data.newOid.slice(0, 8) };
    default:
      return {};
  }
}
