import { isOfService } from '../../authority/principal';
import { ruleOf } from '../../failures/by-rule';
import { causeOf } from '../../witness/witness-finding';
import type { WitnessFinding } from '../../witness/witness-reasons';
import type { ColourSeen } from '../../merge/colours';
import { CLASS_EFFECTS, type FailureClass } from '../../merge/failure-class';
import { jobFor, jobThatReports, sameJob, type Job } from '../job';
import { JOBS } from '../job-table';
import { listed } from '../words/seen-words';
import type { BudgetKey, ByRule, HoldReason, RunRecord, TaskEvent, TaskEventData } from '../task.events';
import { citedClaim, spentOf, type Failure, type FindingClass, type SubmittedTask } from '../task.state';

/**
 * Folds what failed last. It stands until the job succeeds or the head, a person or the next stage makes it a matter of the
 * past. Being claimed again changes nothing, so that tries are counted as often as they really took place.
 */
export function failureAfter(task: SubmittedTask, event: TaskEvent): Failure | null {
  switch (event.type) {
    case 'ToolErrored':
      return toolErrored(task, event.data);
    case 'StagingSuiteExecuted':
    case 'TestSuiteExecuted':
      return executed(task, { kind: jobThatReports(event.type) }, event.data.run);
    case 'RetestFinished':
      return retested(task, event.data);
    case 'MarkersLost':
      return lostMarkers(task, event.data);
    case 'BranchRebased':
      return event.data.outcome === 'clean' ? task.failure : conflict(task, event.data);
    case 'BranchRefused':
      return again(task, {
        job: event.data.job,
        class: 'conflict',
        reason: event.data.fault,
        evidence: [event.data.detail],
      });
    case 'VerdictRecorded':
      return verdict(task, event.data);
    case 'AgentJobErrored':
      return agentErrored(task, event.data);
    case 'TransitionReaped':
      return again(task, {
        job: event.data.job,
        class: 'crash',
        reason: event.data.reason,
        runId: task.claim?.runId ?? null,
      });
    case 'LandingLost':
      return again(task, { job: { kind: 'landing' }, class: 'landing-lost', reason: event.data.reason });
    case 'VerdictVoided':
      // The stage runs again by itself after a producer's no; a person who asks for it begins anew.
      return isOfService(event.data.by) ? task.failure : null;
    case 'GateEvaluated':
      return gateAnswered(task, event.data);
    case 'DeployFinished':
      return event.data.status === 'SUCCESS' ? null : task.failure;
    case 'MonitorPolled':
      // The machine did its part, whatever was seen.
      return null;
    case 'EvidenceRecorded':
      return citedClaim(task, event.data.claim) ? null : task.failure;
    case 'TaskReleased':
      return task.failure && isStanding(task, task.failure) ? task.failure : null;
    case 'HeadMoved':
    case 'StageAdvanced':
    case 'RetestSkipped':
    case 'NothingToLand':
    case 'TaskLanded':
    case 'TaskCancelled':
    case 'TaskRejected':
      return null;
    default:
      return task.failure;
  }
}

/** What led to a hold: its budget counted other tries than those of one job, where it is spent by the task as a whole. */
export function failureBehind(task: SubmittedTask, reason: HoldReason, budget: BudgetKey | null): Failure | null {
  const { failure } = task;
  if (!failure || !(BY_FAILURE.includes(reason) || OF_CLASS[reason] === failure.class)) return null;
  return budget?.key === 'task' ? { ...failure, tries: spentOf(task, budget) + 1 } : failure;
}

/** Holds that a failure of the class may lead to, and other things as well: CI may contradict itself, too. */
const OF_CLASS: Readonly<Partial<Record<HoldReason, FindingClass>>> = {
  unclassified: 'other',
  inconclusive: 'inconclusive',
  'not-executed': 'not-executed',
};

const BY_FAILURE: readonly HoldReason[] = [
  'infra-exhausted',
  'crash-exhausted',
  'developer-retries-exhausted',
  'agent-retries-exhausted',
  'landing-attempts-exhausted',
];

/** True for what was found out about the change itself; false for what says nothing about it. */
export function isAboutChange({ class: kind }: Pick<Failure, 'class'>): boolean {
  return kind === 'refused' || (kind in CLASS_EFFECTS && CLASS_EFFECTS[kind as FailureClass].effect === 'rollback');
}

/** Whether it stands when a person lifts a hold: what was found out does, unless the hold was for want of a finding. */
function isStanding({ hold }: SubmittedTask, failure: Failure): boolean {
  return isAboutChange(failure) || (failure.class === 'inconclusive' && hold?.reason !== 'inconclusive');
}

/** The reason of a candidate that lacks what main has to keep. */
export const MARKER_LOST = 'marker-lost';

type Seen = Pick<Failure, 'job' | 'class' | 'reason'> & Partial<Failure>;

function again({ failure: before }: SubmittedTask, seen: Seen): Failure {
  const { job, class: kind, reason, step = null, exitCode = null, program = null, evidence = [], runId = null } = seen;
  const { emptyFolders, output } = seen;
  const tries = before && sameJob(before.job, job) ? before.tries + 1 : 1;
  // In the order of their names, as states are stored.
  return {
    class: kind,
    ...(emptyFolders ? { emptyFolders } : {}),
    evidence: listed(evidence),
    exitCode,
    job,
    ...(output === undefined ? {} : { output }),
    program,
    reason,
    ...ruleOf(seen),
    runId,
    step,
    tries,
  };
}

function toolErrored(task: SubmittedTask, { job, failureClass, failure, run }: TaskEventData['ToolErrored']): Failure {
  const { reason, step, evidence, exitCode = null, program = null } = failure;
  const runId = run?.runId ?? null;
  const empty = run?.emptyFolders ? { emptyFolders: run.emptyFolders } : {};
  const seen = { job, class: failureClass, reason, step, evidence, exitCode, program, runId };
  return again(task, { ...seen, ...empty, ...ruleOf(failure) });
}

function executed(
  task: SubmittedTask,
  job: Job,
  { exitCode, runId, emptyFolders, tests }: RunRecord,
  kept: Pick<Failure, 'output'> & ByRule = {},
): Failure | null {
  const empty = emptyFolders ? { emptyFolders } : {};
  const evidence = tests?.failedNames?.map((name) => `failed: ${name}`) ?? [];
  const seen = { exitCode, runId, evidence, ...empty, ...kept };
  return exitCode === 0 ? null : again(task, { job, class: 'red', reason: 'red', ...seen });
}

const MERGE_GATE: Job = { kind: 'merge-gate' };

function retested(task: SubmittedTask, data: TaskEventData['RetestFinished']): Failure | null {
  const { outcome, run, before, artifact, output = artifact?.digest, witness, ...by } = data;
  const kept = output === undefined ? {} : { output };
  if (witness) return againstWitness(task, MERGE_GATE, witness, { ...ofRun(run), ...kept, ...ruleOf(by) });
  return outcome === 'inconclusive'
    ? twoColours(task, MERGE_GATE, before, { runId: run.runId, ...kept })
    : executed(task, MERGE_GATE, run, { ...kept, ...ruleOf(by) });
}

/** What the count of tests says, in its words; it is no failure of the machine. */
function againstWitness(task: SubmittedTask, job: Job, found: WitnessFinding, seen: Partial<Failure>): Failure {
  const { reason, evidence } = found;
  return again(task, { ...seen, job, class: causeOf(found), reason, evidence });
}

/** Before its verdict a run is told by its exit code alone. */
function withoutRun(task: SubmittedTask, runId: string): SubmittedTask {
  return task.failure?.runId === runId ? { ...task, failure: null } : task;
}

function ofRun({ exitCode, runId }: RunRecord): Pick<Failure, 'exitCode' | 'runId'> {
  return { exitCode, runId };
}

/** @param before missing from events of earlier versions. */
function twoColours(
  task: SubmittedTask,
  job: Job,
  before: ColourSeen | undefined,
  seen: Pick<Failure, 'runId' | 'output'>,
): Failure {
  const evidence = before
    ? [`run ${before.runId} was ${before.colour}, run ${seen.runId} on the same tree ${OTHER[before.colour]}`]
    : ['two runs on the same tree ended differently'];
  return again(task, { job, class: 'inconclusive', reason: 'inconclusive', evidence, ...seen });
}

const OTHER = { green: 'red', red: 'green' } as const;

function lostMarkers(task: SubmittedTask, { markers }: TaskEventData['MarkersLost']): Failure {
  const evidence = markers.map(({ task: by, file, text }) => `${file} has lost ${JSON.stringify(text)}, of ${by}`);
  return again(task, { job: MERGE_GATE, class: 'red', reason: MARKER_LOST, evidence });
}

function conflict(task: SubmittedTask, { conflictPaths }: TaskEventData['BranchRebased']): Failure {
  return again(task, { job: MERGE_GATE, class: 'conflict', reason: 'conflict', evidence: conflictPaths });
}

/** A report speaks against the change by its gate alone: what was found stands in the gate's answer. */
function gateAnswered(task: SubmittedTask, { gate, result, evidence }: TaskEventData['GateEvaluated']): Failure | null {
  const job = jobFor(gate);
  if (result !== 'fail' || job === null || JOBS[job.kind].report === null) return task.failure;
  const { seen, output } = evidence;
  const lines = Array.isArray(seen) ? seen.filter((line) => typeof line === 'string') : [];
  const kept = typeof output === 'string' ? { output } : {};
  const runId = task.evidence[gate]?.runId ?? null;
  return again(task, { job, class: 'red', reason: 'red', evidence: lines, runId, ...kept });
}

/** A suite's verdict adds its rule to its exit code, and an exhausted budget's nothing to the failure before it. */
function verdict(
  task: SubmittedTask,
  { source, passed, status, runId, cause, before, witness, ...by }: TaskEventData['VerdictRecorded'],
): Failure | null {
  const job = task.claim?.job;
  if (job && witness) return againstWitness(withoutRun(task, runId), job, witness, { runId, ...ruleOf(by) });
  if (job && cause === 'inconclusive') return twoColours(task, job, before, { runId });
  if (source === 'runner' && task.failure?.class === 'red') return withRule(task.failure, by);
  if (source !== 'agent' || !job) return task.failure;
  return passed ? null : again(task, { job, class: 'refused', reason: status, runId });
}

/** Its members are in the order of their names, as states are stored. */
function withRule({ runId, step, tries, ...failure }: Failure, by: ByRule): Failure {
  return { ...failure, ...ruleOf(by), runId, step, tries };
}

function agentErrored(task: SubmittedTask, { role, reason, detail, run }: TaskEventData['AgentJobErrored']): Failure {
  const seen = { reason, evidence: [detail], exitCode: run?.exitCode ?? null, runId: run?.runId ?? null };
  return again(task, { job: { kind: 'agent', role }, class: 'agent-error', ...seen });
}
