import type { FailureClass } from '../../../domain/merge/failure-class';
import { isObject } from '../../../domain/shape';
import { jobFor, type Job } from '../../../domain/task/job';
import { JOBS } from '../../../domain/task/job-table';
import type { GateResultKind, Producer } from '../../../domain/task/pipeline';
import type { RunRecord, TaskEventData } from '../../../domain/task/task.events';
import type { LogEvent, SeenLaneEvent, SeenTaskEvent } from '../../events/log-event';

const OF_SUITES = [
  'executed',
  'succeeded',
  'failed',
  'testsWitnessed',
  'testsClaimed',
  'testsUnknown',
  'notExecuted',
  'toolErrors',
  'deferred',
  'infraExhausted',
] as const;
/** Of most gates that judge by what a job has found. */
const OF_GATES = ['passed', 'failed', 'held', 'toolErrors', 'deferred', 'infraExhausted'] as const;

/** What is counted, per project and block of the queue, since the beginning of the log. */
export const COUNTERS = {
  staging_runner: OF_SUITES,
  test_runner: OF_SUITES,
  merge_gate: [
    'rebased',
    'conflicts',
    'retestsGreen',
    'retestsRed',
    'retestsInconclusive',
    'testsWitnessed',
    'testsClaimed',
    'testsUnknown',
    'notExecuted',
    'redsToConfirm',
    'retestsSkipped',
    'timeouts',
    'locksBusy',
    'toolErrors',
    'dependenciesDown',
    'unclassified',
    'deferred',
    'nothingToLand',
    'landed',
    'landingsLost',
    'infraExhausted',
  ],
  revert_gate: OF_GATES,
  judge_gate: ['passed', 'held', 'secondRuns', 'spared', 'toolErrors', 'deferred', 'infraExhausted'],
  security_gate: OF_GATES,
  coverage_gate: OF_GATES,
  image_gate: ['passed', 'failed', 'held', 'toolErrors', 'dependenciesDown', 'deferred', 'infraExhausted'],
  deploy_finalizer: ['begun', 'succeeded', 'failed', 'interrupted', 'toolErrors', 'deferred', 'infraExhausted'],
  post_deploy_monitor: ['good', 'bad', 'healthy', 'degraded', 'toolErrors', 'deferred', 'infraExhausted'],
  lane_breaker: ['paused', 'probes', 'failedProbes', 'resumedByProbe', 'resumedByPerson', 'switchedOff'],
  transition_lease: ['claims', 'extended', 'released', 'staleRefused', 'violations'],
  reaper: ['deadline', 'ownerDead', 'lanes'],
  agents: ['finished', 'errored', 'toolErrors'],
} as const;
export type Block = keyof typeof COUNTERS;
export type Counter = { [B in Block]: `${B}.${(typeof COUNTERS)[B][number]}` }[Block];
export type Counts = Readonly<Partial<Record<Counter, number>>>;

export function keysOf(seen: LogEvent): readonly string[] {
  return countersOf(seen).length === 0 ? [] : [seen.project];
}

export function fold(row: Counts | null, seen: LogEvent): Counts | null {
  const counters = countersOf(seen);
  return counters.reduce((counts, counter) => ({ ...counts, [counter]: (counts?.[counter] ?? 0) + 1 }), row);
}

/** What an event counts, and how its suite says what it ran. */
function countersOf(seen: LogEvent): readonly Counter[] {
  const counters = [counterOf(seen), seen.of === 'task' ? testsCounter(seen.event) : null];
  return counters.filter((counter) => counter !== null);
}

function testsCounter({ type, data }: SeenTaskEvent): Counter | null {
  switch (type) {
    case 'StagingSuiteExecuted':
      return ofTests('staging_runner', data.run);
    case 'TestSuiteExecuted':
      return ofTests('test_runner', data.run);
    case 'RetestFinished':
      return ofTests('merge_gate', data.run);
    default:
      return null;
  }
}

function ofTests(block: 'staging_runner' | 'test_runner' | 'merge_gate', { tests }: RunRecord): Counter {
  if (!tests) return `${block}.testsUnknown`;
  return tests.isClaimed ? `${block}.testsClaimed` : `${block}.testsWitnessed`;
}

export function counterOf(seen: LogEvent): Counter | null {
  switch (seen.of) {
    case 'task':
      return taskCounter(seen.event);
    case 'lane':
      return laneCounter(seen.event);
    case 'policy':
    case 'switches':
    case 'delivery':
    case 'stray':
      return null;
  }
}

function laneCounter({ type, data }: SeenLaneEvent): Counter | null {
  switch (type) {
    case 'LaneReaped':
      return 'reaper.lanes';
    case 'LaneGranted':
      return data.probe ? 'lane_breaker.probes' : null;
    case 'LanePaused':
      return 'lane_breaker.paused';
    case 'LaneProbeFailed':
      return 'lane_breaker.failedProbes';
    case 'LaneResumed':
      return RESUMED[data.how];
    default:
      return null;
  }
}

const RESUMED = {
  probe: 'lane_breaker.resumedByProbe',
  person: 'lane_breaker.resumedByPerson',
  'switched-off': 'lane_breaker.switchedOff',
} as const;

function taskCounter({ type, data }: SeenTaskEvent): Counter | null {
  switch (type) {
    case 'StagingSuiteExecuted':
      return 'staging_runner.executed';
    case 'VerdictRecorded':
      if (data.cause === 'not-executed') return NOT_EXECUTED[data.producer] ?? null;
      return data.cause === null ? (VERDICTS[data.producer]?.[data.passed ? 0 : 1] ?? null) : null;
    case 'ToolErrored':
      return ofJob(data.job, BY_CLASS[data.failureClass] ?? 'toolErrors') ?? ofJob(data.job, 'toolErrors');
    case 'RedObserved':
      return ofJob(data.job, 'redsToConfirm');
    case 'RunDeferred':
      return ofJob(data.job, 'deferred');
    case 'InfraBudgetExhausted':
      return ofJob(data.job, 'infraExhausted');
    case 'BranchRebased':
      return data.outcome === 'clean' ? 'merge_gate.rebased' : 'merge_gate.conflicts';
    case 'RetestFinished':
      return RETESTS[data.outcome];
    case 'EvidenceRecorded':
      return ofTrial(data);
    case 'GateEvaluated':
      return ofGate(data);
    case 'MonitorPolled':
      return data.ok ? 'post_deploy_monitor.good' : 'post_deploy_monitor.bad';
    case 'DeployFinished':
      return data.status === 'INTERRUPTED' ? 'deploy_finalizer.interrupted' : null;
    case 'AgentJobFinished':
      return 'agents.finished';
    case 'AgentJobErrored':
      return 'agents.errored';
    case 'TransitionReaped':
      return data.reason === 'deadline' ? 'reaper.deadline' : 'reaper.ownerDead';
    default:
      return PLAIN[type] ?? null;
  }
}

/** Of what the service runs: where a pass is counted, and where a failure. */
const VERDICTS: Readonly<Partial<Record<Producer, readonly [Counter, Counter]>>> = {
  'staging-runner': ['staging_runner.succeeded', 'staging_runner.failed'],
  'test-runner': ['test_runner.succeeded', 'test_runner.failed'],
  'post-deploy-monitor': ['post_deploy_monitor.healthy', 'post_deploy_monitor.degraded'],
  'deploy-finalizer': ['deploy_finalizer.succeeded', 'deploy_finalizer.failed'],
};

const NOT_EXECUTED: Readonly<Partial<Record<Producer, Counter>>> = {
  'staging-runner': 'staging_runner.notExecuted',
  'test-runner': 'test_runner.notExecuted',
};

/** Where a block tells failures of the machine apart by their class; elsewhere they are tool errors, all of them. */
const BY_CLASS: Readonly<Partial<Record<FailureClass, string>>> = {
  timeout: 'timeouts',
  'lock-busy': 'locksBusy',
  'dependency-down': 'dependenciesDown',
  other: 'unclassified',
};

const RETESTS = {
  green: 'merge_gate.retestsGreen',
  red: 'merge_gate.retestsRed',
  inconclusive: 'merge_gate.retestsInconclusive',
  'not-executed': 'merge_gate.notExecuted',
} as const;

const PLAIN: Readonly<Partial<Record<SeenTaskEvent['type'], Counter>>> = {
  TestSuiteExecuted: 'test_runner.executed',
  DeployBegun: 'deploy_finalizer.begun',
  BranchRefused: 'merge_gate.conflicts',
  MarkersLost: 'merge_gate.retestsRed',
  RetestSkipped: 'merge_gate.retestsSkipped',
  NothingToLand: 'merge_gate.nothingToLand',
  TaskLanded: 'merge_gate.landed',
  LandingLost: 'merge_gate.landingsLost',
  TransitionClaimed: 'transition_lease.claims',
  ClaimExtended: 'transition_lease.extended',
  ClaimReleased: 'transition_lease.released',
  StaleResultRefused: 'transition_lease.staleRefused',
  LeaseViolationObserved: 'transition_lease.violations',
};

/** Main's tests on a candidate: run, or known of the same tree. */
function ofTrial({ gate, evidence }: TaskEventData['EvidenceRecorded']): Counter | null {
  const { trial } = evidence;
  if (gate !== 'check_tests_not_weakened' || !isObject(trial)) return null;
  return trial['isKnown'] === true ? 'judge_gate.spared' : 'judge_gate.secondRuns';
}

/** What a gate that judges by a report has said; others are counted by their verdicts, or not at all. */
function ofGate({ gate, result }: TaskEventData['GateEvaluated']): Counter | null {
  const job = jobFor(gate);
  const name = GATE_RESULTS[result];
  return job && name && JOBS[job.kind].report !== null ? ofJob(job, name) : null;
}

const GATE_RESULTS: Readonly<Partial<Record<GateResultKind, string>>> = {
  pass: 'passed',
  fail: 'failed',
  hold: 'held',
};

/** Where the block of a job counts this; a landing is counted by its own events alone. */
function ofJob({ kind }: Job, name: string): Counter | null {
  const { block, isCounted } = JOBS[kind].shown;
  return isCounted && (COUNTERS[block] as readonly string[]).includes(name) ? (`${block}.${name}` as Counter) : null;
}
