import { jobKey } from '../../domain/task/job';
import { doesCommit } from '../../domain/task/pipeline';
import type { RunRecord, SaidOfUsage, TaskEventData } from '../../domain/task/task.events';
import type { AgentUsage } from '../../domain/usage/agent-usage';
import { firstSeen, listed, MOST_PATHS, pathsText } from '../../domain/task/words/seen-words';
import type { LogEvent, SeenTaskEvent } from '../events/log-event';

/** How a run ended; `running` until the log says so. */
export type RunOutcome =
  | 'running'
  | 'passed'
  | 'failed'
  | 'tool-error'
  | 'agent-error'
  | 'agent-done'
  | 'conflict'
  | 'retest-skipped'
  | 'evidence'
  | 'inconclusive'
  | 'not-executed'
  | 'nothing-to-land'
  | 'landed'
  | 'landing-lost'
  | 'released'
  | 'reaped'
  | 'voided';

/** One claimed job: who did it when, how it ended, and what was measured. */
export interface Run {
  readonly taskId: string;
  readonly project: string;
  readonly claim: string;
  readonly runId: string;
  readonly stage: string;
  readonly job: string;
  readonly worker: string;
  readonly headOid: string | null;
  readonly claimedAt: string;
  readonly deadlineAt: string;
  readonly endedAt: string | null;
  readonly outcome: RunOutcome;
  readonly reason: string | null;
  /** What was seen or said first, where that tells more than the reason: git's words, say. */
  readonly detail: string | null;
  readonly exitCode: number | null;
  readonly durationMs: number | null;
  readonly isolation: string | null;
  readonly logDigest: string | null;
  /** Processes that outlived the suite and were ended. */
  readonly leaked: number | null;
  /** Of the machine. */
  readonly usage: object | null;
  /** Tokens and cost, as an agent's command has said. */
  readonly agentUsage: AgentUsage | null;
  /** Why what it said could not be counted. */
  readonly agentUsageNote: string | null;
  /** Late results of this run that were refused. */
  readonly refused: number;
}

export function keysOf(seen: LogEvent): readonly string[] {
  if (seen.of !== 'task') return [];
  const { event, taskId } = seen;
  const claims = [claimOf(event), event.type === 'LeaseViolationObserved' ? event.data.displaced : null];
  return claims.flatMap((claim) => (claim === null ? [] : [runKey(taskId, claim)]));
}

export function makes(seen: LogEvent): boolean {
  return seen.event.type === 'TransitionClaimed';
}

export function fold(row: Run | null, seen: LogEvent): Run | null {
  if (seen.of !== 'task') return row;
  const { event } = seen;
  if (event.type === 'TransitionClaimed') return started(seen.taskId, seen.project, event);
  return row && { ...row, ...change(row, event) };
}

/** Text order within a task is the order of claims. */
function runKey(taskId: string, claim: string): string {
  return `${taskId}@${claim.padStart(12, '0')}`;
}

/** All keys of a task are from the first of these on and before the second: what no digit reaches. */
export function runKeysOf(taskId: string): readonly [from: string, before: string] {
  return [`${taskId}@`, `${taskId}@:`];
}

function claimOf({ type, data, envelope }: SeenTaskEvent): string | null {
  if (type === 'TransitionClaimed') return String(envelope.revision);
  if (type === 'HeadMoved') return data.voidedClaim;
  return 'claim' in data ? (data.claim ?? null) : null;
}

function started(
  taskId: string,
  project: string,
  { data, envelope }: Extract<SeenTaskEvent, { type: 'TransitionClaimed' }>,
): Run {
  const { runId, stage, job, worker, headOid, deadlineAt } = data;
  return {
    taskId,
    project,
    claim: String(envelope.revision),
    runId,
    stage,
    job: jobKey(job),
    worker,
    headOid,
    claimedAt: envelope.occurredAt,
    deadlineAt,
    endedAt: null,
    outcome: 'running',
    reason: null,
    detail: null,
    refused: 0,
    exitCode: null,
    durationMs: null,
    isolation: null,
    logDigest: null,
    leaked: null,
    usage: null,
    agentUsage: null,
    agentUsageNote: null,
  };
}

function change(row: Run, { type, data, envelope }: SeenTaskEvent): Partial<Run> {
  const ended = (outcome: RunOutcome, reason: string | null = null, detail: string | null = null): Partial<Run> =>
    row.endedAt === null ? { outcome, reason, detail, endedAt: envelope.occurredAt } : {};
  switch (type) {
    case 'ClaimExtended':
      return { deadlineAt: data.deadlineAt };
    case 'ClaimReleased':
      return ended('released', data.reason);
    case 'TransitionReaped':
      return ended('reaped', data.reason);
    case 'LeaseViolationObserved':
      // What it brings is told by the events behind it.
      return row.claim === data.claim ? { endedAt: null } : ended('voided', `claim ${data.claim} came back`);
    case 'HeadMoved':
      return ended('voided', `${data.to} was pushed`);
    case 'StaleResultRefused':
      return { refused: row.refused + 1, ...ended('voided', data.refused) };
    case 'StagingSuiteExecuted':
    case 'TestSuiteExecuted':
      return measured(data.run);
    case 'VerdictRecorded':
      if (data.cause === 'not-executed')
        return ended('not-executed', data.cause, firstSeen(data.witness?.evidence ?? []));
      return ended(data.passed ? 'passed' : 'failed', data.cause);
    case 'ToolErrored':
      return { ...measured(data.run), ...ended('tool-error', data.failure.reason, firstSeen(data.failure.evidence)) };
    case 'BranchRebased':
      return data.outcome === 'conflict' ? ended('conflict', pathsText(data.conflictPaths, MOST_PATHS)) : {};
    case 'BranchRefused':
      return ended('conflict', `${data.fault}: ${data.detail}`);
    case 'RetestSkipped':
      return ended('retest-skipped');
    case 'MarkersLost':
      return ended('failed', listed(data.markers.map(({ file, text }) => `${file}: ${text}`)).join(', '));
    case 'RetestFinished':
      return { ...measured(data.run), ...ended(RETEST[data.outcome], null, seenBeside(data)) };
    case 'EvidenceRecorded':
      return { ...measured(data.run), ...ended('evidence', `for ${data.gate}`) };
    case 'DeployFinished':
      // What follows says how it ended.
      return measured(data.run ?? null);
    case 'MonitorPolled':
      return { ...measured(data.run), ...ended(data.ok ? 'passed' : 'failed', null, data.seen) };
    case 'NothingToLand':
      return ended('nothing-to-land');
    case 'TaskLanded':
      return ended('landed', data.recovered ? 'found after an interruption' : null);
    case 'LandingLost':
      return ended('landing-lost', data.reason);
    case 'AgentJobFinished':
      // Other roles' verdict follows and says how it went.
      return { ...measured(data.run), ...said(data), ...(doesCommit(data.role) ? ended('agent-done') : {}) };
    case 'AgentJobErrored':
      return { ...measured(data.run), ...said(data), ...ended('agent-error', data.reason, firstSeen([data.detail])) };
    default:
      return {};
  }
}

function seenBeside({ before, witness }: Pick<TaskEventData['RetestFinished'], 'before' | 'witness'>): string | null {
  if (witness) return firstSeen(witness.evidence);
  return before ? `run ${before.runId} on the same tree was ${before.colour}` : null;
}

const RETEST = {
  green: 'passed',
  red: 'failed',
  inconclusive: 'inconclusive',
  'not-executed': 'not-executed',
} as const;

function measured(run: RunRecord | null): Partial<Run> {
  if (!run) return {};
  const { exitCode, durationMs, isolation, logDigest, leaked, usage } = run;
  return { exitCode, durationMs, isolation, logDigest, leaked, usage };
}

function said({ usage, usageNote }: SaidOfUsage): Partial<Run> {
  return { agentUsage: usage ?? null, agentUsageNote: usageNote ?? null };
}
