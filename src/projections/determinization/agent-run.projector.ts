import type { TaskId } from '../../domain/ids';
import { SHADOW_STAGES, type ShadowStage } from '../../domain/policy/project-policy';
import { rowOf, type AgentRole } from '../../domain/task/pipeline';
import type { RunRecord, SaidOfUsage } from '../../domain/task/task.events';
import { withRun } from '../../domain/usage/usage-totals';
import type { LogEvent, SeenTaskEvent } from '../events/log-event';

/** One claim of an agent at a stage that can have a shadow, and what the suite beside it came to. Flags are 1 and 0. */
export interface AgentRun {
  readonly taskId: string;
  readonly project: string;
  readonly stage: ShadowStage;
  /** Task, stage and commit: what verdicts are compared about. */
  readonly subject: string;
  readonly claim: string;
  readonly runId: string;
  readonly role: AgentRole;
  /** Its verdict; null: none. */
  readonly status: string | null;
  readonly passed: number | null;
  /** 1 when its end is recorded, with or without a verdict. */
  readonly ended: number;
  readonly durationMs: number;
  /** 1 when its command has told its tokens; the figures are 0 otherwise. */
  readonly counted: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  /** Null: it told no cost. */
  readonly costMicroUsd: number | null;
  readonly shadowRunId: string | null;
  /** Null: no shadow has ended, or it was not executed. */
  readonly shadowPassed: number | null;
  readonly shadowReason: string | null;
  readonly shadowMs: number;
}

export function keysOf(seen: LogEvent): readonly string[] {
  if (seen.of !== 'task') return [];
  const claim = claimIn(seen.event);
  return claim === null ? [] : [runKey(seen.taskId, claim)];
}

export function makes({ event: { type } }: LogEvent): boolean {
  return type === 'TransitionClaimed';
}

export function fold(row: AgentRun | null, seen: LogEvent): AgentRun | null {
  if (seen.of !== 'task') return row;
  const { event } = seen;
  if (event.type === 'TransitionClaimed') return started(seen.taskId, seen.project, event);
  return row && { ...row, ...change(row, event) };
}

/** Text order within a task is the order of claims. */
function runKey(taskId: TaskId, claim: string): string {
  return `${taskId}@${claim.padStart(12, '0')}`;
}

function claimIn({ type, data, envelope }: SeenTaskEvent): string | null {
  switch (type) {
    case 'TransitionClaimed':
      return data.job.kind === 'agent' && isShadowStage(data.stage) ? String(envelope.revision) : null;
    case 'AgentJobFinished':
    case 'AgentJobErrored':
      return ROLES.includes(data.role) ? data.claim : null;
    case 'VerdictRecorded':
      return data.source === 'agent' && isShadowStage(data.stage) ? data.claim : null;
    case 'ShadowSuiteFinished':
      return data.claim;
    default:
      return null;
  }
}

const ROLES: readonly (AgentRole | null)[] = SHADOW_STAGES.map((stage) => rowOf(stage).fallback);

function isShadowStage(stage: string): stage is ShadowStage {
  return (SHADOW_STAGES as readonly string[]).includes(stage);
}

function started(
  taskId: TaskId,
  project: string,
  { data: { job, stage, headOid, runId }, envelope }: Extract<SeenTaskEvent, { type: 'TransitionClaimed' }>,
): AgentRun | null {
  if (job.kind !== 'agent' || !isShadowStage(stage)) return null;
  return {
    taskId,
    project,
    stage,
    subject: `${taskId} ${stage} ${headOid ?? ''}`,
    claim: String(envelope.revision),
    runId,
    role: job.role,
    status: null,
    passed: null,
    ended: 0,
    durationMs: 0,
    counted: 0,
    inputTokens: 0,
    outputTokens: 0,
    cachedTokens: 0,
    costMicroUsd: null,
    shadowRunId: null,
    shadowPassed: null,
    shadowReason: null,
    shadowMs: 0,
  };
}

function change({ stage }: AgentRun, { type, data }: SeenTaskEvent): Partial<AgentRun> {
  switch (type) {
    case 'AgentJobFinished':
    case 'AgentJobErrored':
      return ended(data);
    case 'VerdictRecorded':
      return { status: data.status, passed: data.passed ? 1 : 0 };
    case 'ShadowSuiteFinished':
      return {
        shadowRunId: data.runId,
        shadowPassed: data.status === null ? null : Number(data.status === rowOf(stage).artifact?.passes),
        shadowReason: data.failure?.reason ?? null,
        shadowMs: data.durationMs,
      };
    default:
      return {};
  }
}

function ended({ usage, run }: SaidOfUsage & { readonly run: RunRecord | null }): Partial<AgentRun> {
  const { runs, costMicroUsd, ...figures } = withRun(undefined, { usage, durationMs: run?.durationMs ?? 0 });
  return { ...figures, ended: runs, costMicroUsd: usage?.costUsd === undefined ? null : costMicroUsd };
}
