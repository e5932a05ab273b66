import type { Principal } from '../../src/domain/authority/principal';
import type { Check, CheckResult } from '../../src/domain/gates/outside-evidence';
import type { ProjectPolicy } from '../../src/domain/policy/project-policy';
import type { Switches } from '../../src/domain/policy/switches';
import type { JsonObject } from '../../src/domain/json';
import type { Job } from '../../src/domain/task/job';
import { JOBS } from '../../src/domain/task/job-table';
import type { AgentRole, GateName, PipelineStage } from '../../src/domain/task/pipeline';
import type {
  InfraFailure,
  LaneView,
  TaskCommand,
  TaskCommandData,
  TaskCommandType,
} from '../../src/domain/task/task.commands';
import type { BranchFault, RunRecord } from '../../src/domain/task/task.events';
import { type Task } from '../../src/domain/task/task.state';
import type { TestsOfRun } from '../../src/domain/witness/test-counts';
import { later, submittedOf, type Change, type Line, type Move } from './given-when-then';
import { ANN, EPOCH, POLICY_DIGEST, TASK } from './policies';

export const HEAD = 'a1'.repeat(20);
export const NEW_HEAD = 'a2'.repeat(20);
export const BASE = 'b1'.repeat(20);
export const CANDIDATE = 'c1'.repeat(20);
export const TREE = 'e1'.repeat(20);
export const MERGED_TREE = 'e2'.repeat(20);
export const SUITE_DIGEST = '5'.repeat(64);
export const ENVIRONMENT_DIGEST = '6'.repeat(64);
export const RETEST_LOG = { name: '15-retest-log.md', digest: '4'.repeat(64) } as const;
export const ARTIFACT = { name: '15-staging-log.md', digest: '7'.repeat(64) } as const;
export const MINUTE = 60_000;

export const RUN: RunRecord & { readonly exitCode: number } = {
  runId: 'run-1',
  exitCode: 0,
  startedAt: '2026-01-05T08:00:00.000Z',
  finishedAt: '2026-01-05T08:01:00.000Z',
  durationMs: 60_000,
  isolation: 'L2-cgroup',
  logDigest: '8'.repeat(64),
  leaked: 0,
  usage: {},
};

export function submit(data: Partial<TaskCommandData['SubmitTask']> = {}): Move {
  const plain = { taskId: TASK, project: 'web', title: 'Faster queue', branch: 'feature/queue', headOid: HEAD };
  return command('SubmitTask', { ...plain, startStage: 'created', priority: 0, ...data });
}

/** A ready branch that enters where the suite runs. */
export const submittedForStaging = submit({ startStage: 'deploy-staging' });

export function submittedAt(startStage: PipelineStage): Move {
  return submit({ startStage });
}

/** A job by its kind; an agent's by its role. */
type JobName = Exclude<Job['kind'], 'agent'> | AgentRole;

export function claim(job: JobName, worker = 'ann'): Move {
  return {
    move: (_task, at) => ({
      type: 'ClaimTransition',
      data: {
        claimId: `${worker}/1`,
        job: jobOf(job),
        worker,
        runId: `run-of-${worker}`,
        cookie: `cookie-of-${worker}`,
        deadlineAt: later(at, 30 * MINUTE),
      },
    }),
  };
}

/** Digest of the secret that an outside worker got with its claim. */
export const SECRET_DIGEST = '3'.repeat(64);
/** Bound of the claims of outside workers. */
export const BOUND_MS = 24 * 60 * MINUTE;

/** An outside worker takes what is offered; whoever asks for it is its owner. */
export function take(role: AgentRole, boundMs = BOUND_MS): Move {
  return {
    move: (_task, at) => ({
      type: 'ClaimTransition',
      data: {
        claimId: 'ann/1f/take',
        job: jobOf(role),
        worker: 'ann/1f',
        runId: 'run-outside',
        cookie: 'run-outside',
        deadlineAt: later(at, 3 * MINUTE),
        outside: { secretDigest: SECRET_DIGEST, endsAt: later(at, boundMs) },
      },
    }),
  };
}

/** From here on somebody else asks, or with another secret. Without a digest: with none. */
export function asked(name: string, proof?: string): Change {
  return {
    change: (world) => {
      const around = { ...world.around, principal: { ...ANN, name } };
      delete around.proof;
      return { ...world, around: proof === undefined ? around : { ...around, proof } };
    },
  };
}

export const heartbeat: Move = fenced('ExtendClaim', {});

interface Ran {
  readonly exitCode?: number;
  readonly baseOid?: string;
  readonly tests?: TestsOfRun;
}

export function suiteRan({ exitCode = 0, baseOid = BASE, tests }: Ran = {}): Move {
  return fenced('ReportSuiteRun', {
    suite: {
      run: { ...RUN, exitCode, ...(tests ? { tests } : {}) },
      treeOid: TREE,
      baseOid,
      suiteDigest: SUITE_DIGEST,
      environmentDigest: ENVIRONMENT_DIGEST,
      artifact: ARTIFACT,
    },
  });
}

export function infraFailed(
  reason = 'timeout',
  {
    failureClass = 'timeout',
    retryable = true,
    evidence = ['load 48'],
    ...ended
  }: { failureClass?: InfraFailure['failureClass'] } & Partial<InfraFailure['failure']> = {},
): Move {
  const failure = { reason, retryable, evidence, step: 'suite', ...ended };
  return fenced('ReportInfraFailure', { failureClass, failure, run: null, exhaustedArtifact: ARTIFACT });
}

export const lockBusy = infraFailed('lock held', { failureClass: 'lock-busy' });

export function rebasedOnto(baseOid = BASE, newOid = CANDIDATE, treeOid = MERGED_TREE): Move {
  return byHead((headOid) => fenced('RecordRebase', { headOid, baseOid, newOid, treeOid }));
}

export function conflicted(...paths: readonly string[]): Move {
  return byHead((headOid) => fenced('ReportConflict', { headOid, baseOid: BASE, paths }));
}

export function branchRefused(fault: BranchFault = 'unusable-branch', head?: string): Move {
  return byHead((headOid) => fenced('ReportBranchRefused', { headOid: head ?? headOid, fault, detail: 'saw ".git"' }));
}

export const nothingToLand: Move = byHead((headOid) => fenced('ReportNothingToLand', { headOid, baseOid: BASE }));

/** The suite of the open claim was red once: the next red counts. */
export function redSeen(data: Partial<TaskCommandData['RecordRed']> = {}): Move {
  const run = { ...RUN, runId: 'run-before', exitCode: 1 };
  return fenced('RecordRed', { run, treeOid: MERGED_TREE, suiteDigest: SUITE_DIGEST, ...data });
}

export function retested(data: Partial<TaskCommandData['ReportRetest']> & { exitCode?: number } = {}): Move {
  const { exitCode = 0, ...rest } = data;
  const candidate = { newOid: CANDIDATE, baseOid: BASE, treeOid: MERGED_TREE };
  const digests = { suiteDigest: SUITE_DIGEST, environmentDigest: ENVIRONMENT_DIGEST };
  return fenced('ReportRetest', {
    run: { ...RUN, exitCode },
    ...candidate,
    ...digests,
    artifact: RETEST_LOG,
    ...rest,
  });
}

export function retestSkipped(proof: Partial<TaskCommandData['ReportRetestSkipped']['proof']> = {}): Move {
  return {
    move: (task, at) => {
      const verdictRevision = submittedOf(task).verdicts['deploy-staging']?.revision ?? 'none';
      const digests = { suiteDigest: SUITE_DIGEST, environmentDigest: ENVIRONMENT_DIGEST, policyDigest: POLICY_DIGEST };
      const whole = { treeOid: TREE, baseOid: BASE, ...digests, verdictRevision, ...proof };
      return fenced('ReportRetestSkipped', { proof: whole }).move(task, at);
    },
  };
}

/** About the candidate, unless told otherwise. */
export function evidenceFound(evidence: JsonObject, subjectOid = CANDIDATE): Move {
  return fenced('ReportEvidence', { subjectOid, evidence, run: RUN });
}

export function landed(recovered = false): Move {
  return fenced('ReportLanded', { recovered });
}

/** The command of `deploy` is about to be started. */
export const deployBegun: Move = fenced('RecordDeployBegun', { oid: CANDIDATE });

export function deployed(exitCode = 0, oid = CANDIDATE): Move {
  return fenced('ReportDeployRun', {
    deployed: {
      run: { ...RUN, exitCode },
      oid,
      treeOid: MERGED_TREE,
      commandDigest: SUITE_DIGEST,
      environmentDigest: ENVIRONMENT_DIGEST,
      artifact: { name: '16-deploy-log.md', digest: '5'.repeat(64) },
    },
  });
}

/** The command did not begin, although its beginning is on record. */
export const deployNotStarted: Move = fenced('ReportInfraFailure', {
  failureClass: 'tool-error',
  failure: { reason: 'resource_exhausted', retryable: true, evidence: [], step: 'deploy' },
  run: null,
  exhaustedArtifact: null,
  neverStarted: true,
});

export function landingLost(
  reason: TaskCommandData['ReportLandingLost']['reason'] = 'main-moved',
  headOid: string | null = null,
): Move {
  return fenced('ReportLandingLost', { reason, headOid });
}

export function agentDone(role: AgentRole, status: string | null, headOid: string | null = null): Move {
  const artifact = { name: 'artifact.md', digest: '9'.repeat(64) };
  const verdict = status === null ? null : { status, artifact, treeOid: null };
  return fenced('ReportAgentDone', { role, run: RUN, cost: { tokens: 1200 }, headOid, verdict });
}

export function agentError(role: AgentRole, reason = 'no-artifact'): Move {
  return fenced('ReportAgentError', { role, reason, detail: 'ended without a verdict', run: RUN });
}

/** @param known head of the task when git was asked; the one it has unless told otherwise */
export function observeHead(headOid = NEW_HEAD, known?: string | null): Move {
  const before = (task: Task) => (known === undefined ? submittedOf(task).headOid : known);
  return { move: (task) => ({ type: 'ObserveHead', data: { headOid, known: before(task) } }) };
}

export function reportStale(headOid = NEW_HEAD): Move {
  return fenced('ReportStale', { headOid });
}

export const unclassified: Move = fenced('ReportUnclassified', { detail: 'nothing explains this' });
export const forgery: Move = fenced('ReportForgery', {
  artifact: ARTIFACT.name,
  expected: ARTIFACT.digest,
  seen: '0'.repeat(64),
});

export function releaseClaim(reason = 'shutting down'): Move {
  return fenced('ReleaseClaim', { reason });
}

export function reap(reason: 'deadline' | 'owner-dead' = 'owner-dead'): Move {
  return fenced('ReapTransition', { reason });
}

export function refuseStale(claimed: string): Move {
  return command('RefuseStaleResult', { claim: claimed, runId: 'run-1', worker: 'ann', refused: 'ReportSuiteRun' });
}

export const hold: Move = command('HoldTask', { reason: 'wait for the demo' });
export const release: Move = command('ReleaseTask', { reason: 'go on' });
export const retry: Move = command('RetryTask', { reason: 'once more' });
export const cancel: Move = command('CancelTask', { reason: 'not needed' });

export function acknowledgeAlert(key: string, note: string | null = null): Move {
  return command('AcknowledgeAlert', { key, note });
}

export function closeAlert(key: string, note: string | null = null): Move {
  return command('CloseAlert', { key, note });
}

export const evaluateGates: Move = command('EvaluateGates', {});

export function changePriority(priority: number): Move {
  return command('ChangePriority', { priority });
}

/** The whole gate, for the usual time, unless told otherwise. */
export function override(gate: GateName, data: Partial<TaskCommandData['OverrideGate']> = {}): Move {
  return command('OverrideGate', { gate, reason: 'seen by eye', paths: null, expiresAt: null, ...data });
}

/** What CI says of a check of the commit that gates judge, unless told otherwise. */
export function checked(
  name: string,
  result: CheckResult,
  { url = null, files = [] }: Partial<Check> = {},
  subjectOid: string | null = null,
  gate: GateName = 'check_ci_green',
): Move {
  return command('RecordEvidence', { gate, subjectOid, check: { name, result, url, files } });
}

/** The same by a webhook. @param digest of what was signed. */
export function delivered(name: string, result: CheckResult, id: string, digest: string): Move {
  const check = { name, result, url: null, files: [] };
  const delivery = { source: 'github', id, digest };
  return command('RecordEvidence', { gate: 'check_ci_green', subjectOid: null, check, delivery });
}

/** Who asks from here on. */
export function by(principal: Principal): Change {
  return { change: (world) => ({ ...world, around: { ...world.around, principal } }) };
}

/** The same command, but citing another claim than the open one. */
export function citing(token: string, move: Move): Move {
  return {
    move: (task, at) => {
      const original = move.move(task, at);
      return { ...original, data: { ...original.data, claim: token } } as TaskCommand;
    },
  };
}

export function after(durationMs: number): Change {
  return { change: (world) => ({ ...world, at: later(world.at, durationMs) }) };
}

export function policy(part: Partial<ProjectPolicy>): Change {
  return {
    change: (world) => ({ ...world, around: { ...world.around, policy: { ...world.around.policy, ...part } } }),
  };
}

/** One poll of what was deployed; the last of a window brings its artifact. */
export function polled(ok = true, isLast = false, oid = CANDIDATE, asked = 'e'.repeat(64)): Move {
  const artifact = isLast ? { name: '17-monitor-log.md', digest: '7'.repeat(64) } : null;
  const seen = `exit code ${ok ? 0 : 7}`;
  const found = { oid, ok, seen, run: null, asked, checkDigest: SUITE_DIGEST, environmentDigest: null, artifact };
  return fenced('ReportMonitorPoll', { poll: found });
}

/** The project file has had it, and has it no more. */
export function policyWithout(name: 'deploy' | 'monitor'): Change {
  return {
    change: (world) => {
      const rest = Object.entries(world.around.policy ?? {}).filter(([each]) => each !== name);
      return { ...world, around: { ...world.around, policy: Object.fromEntries(rest) } };
    },
  };
}

export function switches(part: Partial<Switches>): Change {
  return {
    change: (world) => ({ ...world, around: { ...world.around, switches: { ...world.around.switches, ...part } } }),
  };
}

export function lane(view: LaneView): Change {
  return { change: (world) => ({ ...world, around: { ...world.around, lane: view } }) };
}

/** The lane is given to the task anew, as it must be before an interrupted landing is looked into. */
export const freshLane: Change = {
  change: (world) => {
    const epoch = String(BigInt(world.around.lane?.holder?.epoch ?? EPOCH) + 1n);
    return { ...world, around: { ...world.around, lane: { holder: { taskId: TASK, epoch }, nextInLine: null } } };
  },
};

/** Through the suite: waiting for the merge gate. */
export const stagedGreen: Line = [submittedForStaging, claim('staging-suite'), suiteRan()];
/** Through all exit gates of deploy-staging: waiting for the landing. */
export const mergeable: Line = [claim('merge-gate'), rebasedOnto(), retested()];
export const readyToLand: Line = [stagedGreen, mergeable];
/** The landing is under way. */
export const landing: Line = [readyToLand, claim('landing')];
/** Landed in a project that deploys. */
export const toDeploy: Line = [
  policy({ deploy: { command: './deploy.sh', timeoutMs: 600_000, graceMs: 10_000, env: [] } }),
  landing,
  landed(),
];
/** Three polls make a window, two bad ones in a row end it. */
export const MONITOR: NonNullable<ProjectPolicy['monitor']> = {
  check: { kind: 'command', command: './health.sh', graceMs: 10_000, env: [] },
  everyMs: MINUTE,
  forMs: 3 * MINUTE,
  timeoutMs: 10_000,
  failures: 2,
};

/** Landed in a project that watches what it deploys. */
export const toMonitor: Line = [policy({ monitor: MONITOR }), landing, landed()];

/** One poll after the other, each when it is due. */
export function polls(...good: readonly boolean[]): Line {
  return good.map((ok): Line => [after(MINUTE), claim('monitor-poll'), polled(ok)]);
}

/** The deploy command runs. */
export const deploying: Line = [toDeploy, claim('deploy'), deployBegun];
/** Its worker is gone; main may or may not have moved. */
export const interrupted: Line = [landing, reap(), freshLane];
export const recovering: Line = [interrupted, claim('landing-recovery')];

/** `times` laps of the same lines; any deferral is waited for. */
export function repeat(times: number, ...lines: readonly Line[]): Line {
  return Array.from({ length: times }, () => [...lines, after(60 * MINUTE)]);
}

function command<T extends TaskCommandType>(type: T, data: TaskCommandData[T]): Move {
  return { move: () => ({ type, data }) as TaskCommand };
}

type FencedType = { [T in TaskCommandType]: TaskCommandData[T] extends { claim: string } ? T : never }[TaskCommandType];

function fenced<T extends FencedType>(type: T, data: Omit<TaskCommandData[T], 'claim'>): Move {
  return { move: (task) => ({ type, data: { claim: openToken(task), ...data } }) as unknown as TaskCommand };
}

function byHead(make: (headOid: string) => Move): Move {
  return { move: (task, at) => make(submittedOf(task).headOid ?? HEAD).move(task, at) };
}

function openToken(task: Task): string {
  return submittedOf(task).claim?.token ?? 'no-claim';
}

function jobOf(name: JobName): Job {
  return name in JOBS ? { kind: name as Exclude<JobName, AgentRole> } : { kind: 'agent', role: name as AgentRole };
}
