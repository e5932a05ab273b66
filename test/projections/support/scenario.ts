import {
  DEFAULT_BACKOFF,
  DEFAULT_BUDGETS,
  type ProjectPolicy,
  type SuitePolicy,
} from '../../../src/domain/policy/project-policy';
import type { Job } from '../../../src/domain/task/job';
import type { RunRecord, TaskEvent, TaskEventOf } from '../../../src/domain/task/task.events';
import { instant } from '../../../src/domain/instant';
import { T0, type LogWriter } from './log-writer';

export const HEAD = 'a'.repeat(40);
export const BASE = 'b'.repeat(40);
export const NEW = 'c'.repeat(40);
export const STAGING: Job = { kind: 'staging-suite' };
export const MERGE_GATE: Job = { kind: 'merge-gate' };
export const LANDING: Job = { kind: 'landing' };

const SUITE: SuitePolicy = {
  setup: null,
  suite: 'npm test',
  timeoutMs: 60_000,
  graceMs: 1_000,
  witness: null,
  minIsolation: 'none',
  env: [],
  checkoutDepth: 1,
};

export function policyOf(project: string): ProjectPolicy {
  return {
    project,
    repo: '/srv/git/web.git',
    main: 'main',
    entryStages: ['deploy-staging'],
    staging: SUITE,
    retest: SUITE,
    agents: {},
    requiredGates: [],
    budgets: DEFAULT_BUDGETS,
    backoff: DEFAULT_BACKOFF,
    onInfraExhausted: 'hold',
  };
}

export function submitted(taskId: string, priority = 5): readonly TaskEvent[] {
  const data = {
    taskId,
    project: taskId.split('.')[0] ?? '',
    title: `Change ${taskId}`,
    branch: `feature/${taskId}`,
    headOid: HEAD,
    startStage: 'deploy-staging',
    priority,
    submittedBy: 'ann',
  } as const;
  return [
    { type: 'TaskSubmitted', data },
    { type: 'StageAdvanced', data: { from: 'created', to: 'deploy-staging' } },
  ];
}

export function claimed(
  job: Job,
  runId: string,
  deadlineAt = instant(T0 + 3_600_000),
): TaskEventOf<'TransitionClaimed'> {
  const landing =
    job.kind === 'landing' ? { newOid: NEW, baseOid: BASE, treeOid: BASE, headOid: HEAD, epoch: '0' } : null;
  const stage = job.kind === 'landing' ? 'deploy' : 'deploy-staging';
  return {
    type: 'TransitionClaimed',
    data: {
      claimId: `worker-1/${runId}`,
      job,
      stage,
      runId,
      cookie: runId,
      worker: 'worker-1',
      headOid: HEAD,
      deadlineAt,
      laneEpoch: job.kind === 'staging-suite' ? null : '0',
      landing,
    },
  };
}

export function runRecord(runId: string, exitCode: number | null = 0): RunRecord {
  return {
    runId,
    exitCode,
    startedAt: instant(T0),
    finishedAt: instant(T0 + 5_000),
    durationMs: 5_000,
    isolation: 'L2',
    logDigest: 'e'.repeat(64),
    leaked: 0,
    usage: {},
  };
}

/** What a green staging run leaves, as one append would. */
export function stagingGreen(claim: string, runId: string): readonly TaskEvent[] {
  const gate = { gate: 'check_staging_status', rule: 'staging', ruleVersion: 1, reason: null, evidence: {} } as const;
  return [
    { type: 'StagingSuiteExecuted', data: { claim, run: runRecord(runId) } },
    { type: 'VerdictRecorded', data: verdict(claim, runId, true) },
    { type: 'GateEvaluated', data: { ...gate, result: 'pass' } },
  ];
}

export function deferred(claim: string, until: string): readonly TaskEvent[] {
  const failure = { reason: 'spawn-failed', retryable: true, evidence: ['ENOENT'], step: 'suite' };
  return [
    { type: 'ToolErrored', data: { claim, job: STAGING, failureClass: 'tool-error', failure, run: null } },
    {
      type: 'RunDeferred',
      data: {
        job: STAGING,
        failureClass: 'tool-error',
        reason: 'spawn-failed',
        spent: 1,
        limit: 3,
        deferredUntil: until,
        spends: { budget: 'infra', key: 'staging-suite' },
      },
    },
  ];
}

function verdict(claim: string, runId: string, passed: boolean): TaskEventOf<'VerdictRecorded'>['data'] {
  return {
    stage: 'deploy-staging',
    status: passed ? 'SUCCESS' : 'FAILED',
    passed,
    cause: null,
    runId,
    claim,
    subjectOid: HEAD,
    treeOid: BASE,
    baseOid: BASE,
    suiteDigest: null,
    environmentDigest: null,
    artifact: null,
    producer: 'staging-runner',
    source: 'runner',
  };
}

/** One project with a task in each kind of standing still, and one that has landed. */
export async function writeScenario(log: LogWriter): Promise<void> {
  await log.policy(policyOf('web'));
  await log.task('web.running', ...submitted('web.running'), claimed(STAGING, 'r1'));
  await log.task('web.deferred', ...submitted('web.deferred'), claimed(STAGING, 'r2'));
  await log.task('web.deferred', ...deferred('2', instant(T0 + 600_000)));
  await log.task('web.gate', ...submitted('web.gate'), claimed(STAGING, 'r3'), ...stagingGreen('2', 'r3'));
  await log.task('web.waits', ...submitted('web.waits'), claimed(STAGING, 'r4'), ...stagingGreen('2', 'r4'));
  await log.lane('web', { type: 'LaneGranted', data: { taskId: 'web.gate', headOid: HEAD } });
  await log.task('web.gate', claimed(MERGE_GATE, 'r5'));
  await log.task('web.held', ...submitted('web.held', 9));
  await log.task('web.held', {
    type: 'TaskHeld',
    data: { reason: 'person', by: 'ann', detail: 'looks odd', budget: null },
  });
  await log.task('web.held', {
    type: 'AlertRaised',
    data: { key: 'web.held@2', severity: 'warning', title: 'held', detail: 'looks odd' },
  });
  await log.task('web.gone', ...submitted('web.gone'), {
    type: 'TaskCancelled',
    data: { by: 'ann', reason: 'not needed' },
  });
}
