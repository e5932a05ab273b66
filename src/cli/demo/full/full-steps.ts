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
}

interface Open extends FullStep {
  readonly claim: string;
}

/** The steps of one task, in order. */
export function stepsOf(stored: readonly StoredEvent[]): readonly FullStep[] {
  const steps: Open[] = [];
  for (const { revision, event } of stored.map((one) => ({ ...one, event: readTaskEvent(one) }))) {
    if (event.type === 'TransitionClaimed') steps.push(begun(event.data, String(revision)));
    const last = steps.at(-1);
    const claim = 'claim' in event.data ? event.data.claim : null;
    if (last && last.claim === claim) steps[steps.length - 1] = { ...last, ...seen(event) };
  }
  return steps.map(({ stage, producer, verdict, durationMs, usage }) => ({
    stage,
    producer,
    verdict,
    durationMs,
    usage,
  }));
}

function begun({ job, stage }: TaskEventOf<'TransitionClaimed'>['data'], claim: string): Open {
  return { claim, stage, producer: producerOf(job, stage), verdict: '-', durationMs: null, usage: null };
}

function producerOf(job: Job, stage: WorkStage): string {
  switch (job.kind) {
    case 'agent':
      return job.role;
    case 'staging-suite':
    case 'testing-suite':
    case 'landing':
    case 'landing-recovery':
      return runnerOf(stage);
    case 'merge-gate':
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
    case 'TaskLanded':
      return { verdict: event.data.newOid.slice(0, 8) };
    default:
      return {};
  }
}
