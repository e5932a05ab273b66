import type { StoredEvent } from '../../src/application/ports/event-store';
import { STAGE_TRANSITIONS, type GateName } from '../../src/domain/task/pipeline';
import type { TaskEvent, TaskEventData } from '../../src/domain/task/task.events';
import type { Ends } from './dependency-invariants';
import { envelopeOf, recorded } from './recorded';
import type { Violation } from './violation';

/** By the digest of a policy. */
export type RequiredGates = ReadonlyMap<string, readonly GateName[]>;

const FINAL_STAGE_EVENTS = new Set([
  'AlertRaised',
  'AlertAcknowledged',
  'AlertClosed',
  'TaskAnnotated',
  'StaleResultRefused',
  'ShadowSuiteFinished',
]);
/** Written by whoever noticed, not by the owner of the claim that they end. */
const BY_ANYBODY = new Set([
  'TransitionReaped',
  'HeadMoved',
  'TaskCancelled',
  'StaleResultRefused',
  'TransitionClaimed',
]);

/** Claims of one job on one head before it has delivered anything: the sum of all bounds, and some. A lock's are bounded apart. */
const MOST_CLAIMS = 60;
const MOST_LOCKS = 1_010;
/** A claim whose owner does not know of it: an answer got lost. Often at one job, it is the result that gets lost. */
const MOST_LOST_TRACK = 6;

interface Begun {
  readonly head: string | null;
  readonly claims: number;
  readonly locks: number;
  readonly lostTrack: number;
}

interface Open {
  readonly token: string;
  readonly runId: string;
  readonly worker: string;
  readonly job: string;
  /** Of an outside worker: whose requests alone end it, whichever process stores them. */
  readonly outside: { readonly by: string; readonly endsAt: string } | null;
}

/** Folds one task by hand. */
class TaskChecker {
  readonly violations: Violation[] = [];
  private open: Open | null = null;
  /** Claims that were taken away, and whose results may come all the same where the lease is off; each of them once. */
  private readonly lost = new Map<string, Open>();
  private readonly dependsOn = new Set<string>();
  private heardAt: string | null = null;
  private final: string | null = null;
  private landed = false;
  /** Its deploy command has begun, or was about to, and no person has asked for it again. */
  private isDeployTried = false;
  private held = false;
  private stage = 'created';
  private readonly verdictRuns = new Set<string>();
  private readonly begun = new Map<string, Begun>();
  private alertsDue = 0;
  private lastFail: TaskEventData['GateEvaluated'] | null = null;
  private lastExit: number | null = null;
  private lastRebase: TaskEventData['BranchRebased'] | null = null;
  private lastRetest: string | null = null;
  private lastRefused: string | null = null;
  private previous: TaskEvent | null = null;
  private readonly passed = new Set<GateName>();
  private isUntested = false;
  private sentBackBy: GateName | null = null;
  private verdict: (TaskEventData['VerdictRecorded'] & { revision: string }) | null = null;

  constructor(
    private readonly stream: string,
    private readonly required: RequiredGates,
    private readonly ends: Ends,
  ) {}

  take(stored: StoredEvent): void {
    const event = recorded<TaskEvent>(stored);
    const { worker, policyDigest, actor, occurredAt } = envelopeOf(stored);
    const at = stored.revision;
    const wrong = (invariant: string, detail: string) => {
      this.violations.push({ invariant, stream: this.stream, revision: at, detail: `${event.type}: ${detail}` });
    };
    if (this.final && !FINAL_STAGE_EVENTS.has(event.type)) wrong('I4', `follows ${this.final}`);
    if (this.alertsDue > 0 && event.type === 'TransitionClaimed') wrong('I8', 'an incident passed without its alert');
    this.checkCitation(event, worker, actor, wrong);
    if (event.type === 'ClaimExtended') this.checkHeartbeat(event.data, occurredAt, wrong);
    this.checkBudgets(event, wrong);
    if (event.type === 'TransitionClaimed') this.checkClaim(event.data, policyDigest, wrong);
    this.checkProgress(event, wrong);
    this.fold(event, worker, at, wrong);
    this.previous = event;
  }

  finish(isAtRest: boolean, last: bigint): void {
    const wrong = (invariant: string, detail: string) => {
      this.violations.push({ invariant, stream: this.stream, revision: last, detail });
    };
    if (this.alertsDue !== 0) wrong('I8', `${this.alertsDue} alerts are missing`);
    if (!isAtRest || this.final) return;
    if (this.open) wrong('I7', `claim ${this.open.token} is still open`);
    else if (!this.held && !this.waitsForOthers && this.stage !== 'development')
      wrong('I7', `stands at ${this.stage} and nobody moves it`);
  }

  /** Not for one that has ended: that would have been noted. */
  private get waitsForOthers(): boolean {
    return this.stage === 'deploy-staging' && [...this.dependsOn].some((id) => !this.ends.has(id));
  }

  private checkHeartbeat(
    { deadlineAt }: TaskEventData['ClaimExtended'],
    at: string,
    wrong: (invariant: string, detail: string) => void,
  ): void {
    const outside = this.open?.outside;
    if (!outside) {
      wrong('I21', 'extends a claim of the service, which sends no heartbeats');
      return;
    }
    if (deadlineAt > outside.endsAt) wrong('I21', `until ${deadlineAt}, beyond the bound ${outside.endsAt}`);
    const sinceMs = Date.parse(at) - Date.parse(this.heardAt ?? at);
    if (this.heardAt !== null && sinceMs >= 0 && sinceMs < 60_000) wrong('I21', `${sinceMs} ms after the one before`);
    this.heardAt = at;
  }

  private checkCitation(
    event: TaskEvent,
    worker: string,
    actor: string,
    wrong: (invariant: string, detail: string) => void,
  ): void {
    const cited = 'claim' in event.data ? event.data.claim : null;
    if (cited === null) return;
    if (event.type === 'LeaseViolationObserved') {
      this.checkLate(event.data, worker, wrong);
      return;
    }
    // Belongs to no claim, and says only beside which one it ran.
    if (event.type === 'ShadowSuiteFinished') return;
    if (event.type === 'StaleResultRefused') {
      if (this.open?.token === cited) wrong('I2', `refuses claim ${cited}, which is open`);
      return;
    }
    const exhausted = event.type === 'VerdictRecorded' && event.data.cause === 'infra-exhausted';
    if (exhausted && this.previous?.type === 'InfraBudgetExhausted') return;
    // Of the last poll, which has ended its claim.
    if (event.type === 'VerdictRecorded' && this.previous?.type === 'MonitorFinished') return;
    const invariant = event.type === 'TransitionReaped' ? 'I3' : 'I2';
    if (this.open?.token !== cited) wrong(invariant, `cites claim ${cited}, open is ${this.open?.token ?? 'none'}`);
    else if (BY_ANYBODY.has(event.type)) return;
    else if (this.open.outside === null && worker !== this.open.worker)
      wrong(invariant, `by ${worker}, owner is ${this.open.worker}`);
    else if (this.open.outside !== null && actor !== this.open.outside.by)
      wrong(invariant, `by ${actor}, owner is ${this.open.outside.by}`);
  }

  /** I2 as it is where the lease only observes: by an owner that has lost its claim, once, and nothing that moves main. */
  private checkLate(
    { claim, displaced }: TaskEventData['LeaseViolationObserved'],
    worker: string,
    wrong: (invariant: string, detail: string) => void,
  ): void {
    const late = this.lost.get(claim);
    if (!late) wrong('I2', `claim ${claim} was never taken away, or has its answer`);
    else if (late.outside === null && late.worker !== worker)
      wrong('I2', `by ${worker}, who lost it is ${late.worker}`);
    if (displaced !== (this.open?.token ?? null)) wrong('I1', `displaces ${displaced}, open is ${this.open?.token}`);
    if (this.landed || this.stage === 'deploy' || late?.job === 'landing') wrong('I4', 'a landing is fenced');
  }

  private checkClaim(
    { job }: TaskEventData['TransitionClaimed'],
    policyDigest: string | null,
    wrong: (invariant: string, detail: string) => void,
  ): void {
    // Whoever may find something out is asked: it is the developer who has nothing to do.
    if (this.isUntested && job.kind === 'agent' && job.role === 'developer')
      wrong('I6', 'nothing is known that a developer could repair');
    if (job.kind !== 'landing') return;
    const before = (gate: GateName) => !['check_deploy_status', 'check_monitor_healthy'].includes(gate);
    for (const gate of (this.required.get(policyDigest ?? '') ?? []).filter(before))
      if (!this.passed.has(gate)) wrong('I16', `${gate} is required and has not passed`);
  }

  private checkBudgets(event: TaskEvent, wrong: (invariant: string, detail: string) => void): void {
    const spends = 'spends' in event.data ? event.data.spends : null;
    if (event.type === 'StageRolledBack') this.checkRollBack(event.data, wrong);
    if (!spends) return;
    const { budget } = spends;
    const allowed: Readonly<Record<string, readonly string[]>> = {
      developer: ['StageRolledBack', 'VerdictVoided'],
      infra: ['RunDeferred'],
      agent: ['AgentJobErrored', 'VerdictVoided'],
      landing: ['LandingLost'],
      crash: [],
      flake: ['RunDeferred'],
    };
    if (!(allowed[budget] ?? []).includes(event.type)) wrong('I6', `spends the ${budget} budget`);
    const led = budget === 'flake' ? 'GateEvaluated' : 'ToolErrored';
    if (event.type === 'RunDeferred' && this.previous?.type !== led) wrong('I6', `defers after no ${led}`);
    if (event.type === 'RunDeferred' && event.data.failureClass === 'lock-busy') wrong('I6', 'a lock costs nothing');
  }

  private checkProgress(event: TaskEvent, wrong: (invariant: string, detail: string) => void): void {
    const key = this.open?.job ?? '';
    const begun = this.begun.get(key);
    switch (event.type) {
      case 'TransitionClaimed': {
        const { job, headOid: head } = event.data;
        const known = this.begun.get(job.kind);
        const before = known?.head === head ? known : { head, claims: 0, locks: 0, lostTrack: 0 };
        this.begun.set(job.kind, { ...before, claims: before.claims + 1 });
        if (before.claims >= MOST_CLAIMS) wrong('I17', `${job.kind} was begun ${before.claims} times for nothing`);
        return;
      }
      case 'RunDeferred':
        if (!begun || event.data.failureClass !== 'lock-busy') return;
        this.begun.set(key, { ...begun, claims: begun.claims - 1, locks: begun.locks + 1 });
        if (begun.locks >= MOST_LOCKS) wrong('I17', `a lock kept ${key} waiting ${begun.locks} times`);
        return;
      case 'ClaimReleased':
        if (!begun || !event.data.reason.includes('lost track')) return;
        this.begun.set(key, { ...begun, lostTrack: begun.lostTrack + 1 });
        if (begun.lostTrack >= MOST_LOST_TRACK) wrong('I17', `${key} got lost ${begun.lostTrack} times`);
        return;
      case 'StagingSuiteExecuted':
      case 'TestSuiteExecuted':
      case 'EvidenceRecorded':
        if (event.data.claim !== undefined) this.begun.delete(key);
        return;
      case 'MonitorPolled':
        this.begun.delete(key);
        return;
      case 'DeployFinished':
        if (event.data.status !== 'NOT_STARTED') this.begun.delete(key);
        return;
      case 'MarkersLost':
      case 'RetestFinished':
      case 'RetestSkipped':
      case 'NothingToLand':
      case 'AgentJobFinished':
      case 'AgentJobErrored':
        this.begun.delete(key);
        return;
      case 'TaskReleased':
        this.begun.clear();
        return;
      case 'VerdictVoided':
        if (event.data.by !== 'stagegate') this.begun.clear();
        return;
      default:
        return;
    }
  }

  private checkRollBack(
    data: TaskEventData['StageRolledBack'],
    wrong: (invariant: string, detail: string) => void,
  ): void {
    if (this.landed) wrong('I4', 'rolls back after landing');
    const gate = this.lastFail;
    if (data.reason === 'infra-exhausted') {
      if (data.spends) wrong('I6', 'infrastructure costs the developer nothing');
      return;
    }
    if (this.lastRefused !== null && data.reason === this.lastRefused) return;
    if (gate?.reason !== data.reason) wrong('I6', `no gate failed by ${data.reason}`);
    if (data.reason === 'red' && !(this.lastExit !== null && this.lastExit !== 0)) wrong('I6', 'no suite was red');
    if (data.reason === 'conflict' && this.lastRebase?.outcome !== 'conflict') wrong('I6', 'there was no conflict');
  }

  /** The gate says what the re-test of its candidate said: a pass by a green one, a red by a red one, and by none a way out. */
  private checkRetest(
    { gate, result, reason }: TaskEventData['GateEvaluated'],
    wrong: (invariant: string, detail: string) => void,
  ): void {
    if (gate !== 'check_branch_mergeable') return;
    const isRed = result === 'fail' && reason === 'red';
    // A person may let a candidate pass whose re-test ran no tests; nothing else is let through.
    const isLet = result === 'pass' && reason === 'overridden';
    const allowed: readonly unknown[] = isLet ? ['not-executed'] : result === 'pass' ? ['green', 'skipped'] : ['red'];
    if ((result === 'pass' || isRed) && !allowed.includes(this.lastRetest))
      wrong('I41', `says ${result} and the re-test was ${this.lastRetest ?? 'none'}`);
  }

  private fold(event: TaskEvent, worker: string, at: bigint, wrong: (invariant: string, detail: string) => void): void {
    switch (event.type) {
      case 'TransitionClaimed':
        if (this.open) wrong('I1', `claim ${this.open.token} is open`);
        this.heardAt = null;
        this.open = {
          token: String(at),
          runId: event.data.runId,
          worker,
          job: event.data.job.kind,
          outside: event.data.outside ?? null,
        };
        return;
      case 'VerdictRecorded': {
        this.lost.clear();
        const { runId, claim } = event.data;
        // An agent that stands in for a runner has no exit code to show: its verdict is what it says.
        if (event.data.source === 'agent') this.lastExit = event.data.passed ? 0 : 1;
        if (this.verdictRuns.has(claim)) wrong('I5', `claim ${claim} has a verdict already`);
        if (event.data.cause === null && this.open && this.open.runId !== runId)
          wrong('I5', `run ${runId} is not the claim's`);
        this.verdictRuns.add(claim);
        this.verdict = { ...event.data, revision: String(at) };
        this.open = null;
        return;
      }
      case 'StagingSuiteExecuted':
      case 'TestSuiteExecuted':
        this.lastExit = event.data.run.exitCode;
        return;
      case 'EvidenceRecorded':
        if (event.data.claim !== undefined) this.open = null;
        return;
      case 'MarkersLost':
        // As good as a test that failed.
        this.lastExit = 1;
        this.lastRetest = 'red';
        this.open = null;
        return;
      case 'RetestFinished':
        this.lastExit = event.data.run.exitCode;
        this.lastRetest = event.data.outcome;
        this.open = null;
        return;
      case 'BranchRebased':
        this.lastRebase = event.data;
        this.lastRetest = null;
        if (event.data.outcome === 'conflict') this.open = null;
        return;
      case 'BranchRefused':
        this.lastRefused = event.data.fault;
        this.open = null;
        return;
      case 'RetestSkipped': {
        const { proof } = event.data;
        const isProven =
          this.verdict !== null &&
          this.lastRebase !== null &&
          this.verdict.revision === proof.verdictRevision &&
          this.verdict.passed &&
          this.verdict.treeOid === this.lastRebase.treeOid &&
          this.verdict.baseOid === this.lastRebase.baseOid;
        if (!isProven) wrong('I14', 'the proof does not fit the verdict and the candidate');
        this.lastRetest = 'skipped';
        this.open = null;
        return;
      }
      case 'GateEvaluated':
        this.checkRetest(event.data, wrong);
        if (event.data.result === 'fail') this.lastFail = event.data;
        if (event.data.result === 'pass') this.passed.add(event.data.gate);
        return;
      case 'HeadMoved':
        this.isUntested = false;
        this.lost.clear();
        if (event.data.voidedClaim !== null) this.open = null;
        if (!this.final && ['review', 'testing', 'deploy-staging', 'deploy'].includes(this.stage))
          this.enter('development');
        return;
      case 'AgentJobFinished':
        if (event.data.role === 'developer') this.open = null;
        return;
      case 'StageAdvanced':
        this.enter(event.data.to);
        if (event.data.to === 'done') this.final = 'done';
        return;
      case 'StageRolledBack':
        this.enter('development');
        this.isUntested = event.data.reason === 'infra-exhausted';
        this.sentBackBy = event.data.gate ?? null;
        return;
      case 'GateOverridden':
        // Whoever overrules what sent it back has it go on as a retry does.
        if (event.data.gate === this.sentBackBy) this.isUntested = false;
        return;
      case 'LandingLost':
        this.enter('deploy-staging');
        this.passed.add('check_staging_status');
        return;
      case 'VerdictVoided':
        this.enter(event.data.stage);
        this.isUntested = false;
        if (event.data.by !== 'stagegate') this.isDeployTried = false;
        return;
      case 'DeployBegun':
        if (!this.landed) wrong('I40', 'nothing has landed');
        if (this.isDeployTried) wrong('I40', 'it has begun before, and nobody has asked for it again');
        this.isDeployTried = true;
        return;
      case 'DeployFinished':
        if (event.data.status === 'NOT_STARTED') this.isDeployTried = false;
        if (event.data.status === 'INTERRUPTED') this.open = null;
        return;
      case 'MonitorPolled':
        this.open = null;
        return;
      case 'TaskLanded':
        if (this.landed) wrong('I4', 'lands twice');
        this.landed = true;
        this.open = null;
        return;
      case 'TaskSubmitted':
        for (const id of event.data.dependsOn ?? []) this.dependsOn.add(id);
        return;
      case 'DependencyEnded':
        this.dependsOn.delete(event.data.taskId);
        return;
      case 'TaskHeld':
        this.held = true;
        if (event.data.by === 'stagegate') this.alertsDue += 1;
        return;
      case 'AlertRaised':
        this.alertsDue = Math.max(0, this.alertsDue - 1);
        return;
      case 'TaskReleased':
        this.held = false;
        return;
      case 'TaskCancelled':
      case 'TaskRejected':
        this.final = event.type;
        this.open = null;
        return;
      case 'TransitionReaped':
        if (this.open) this.lost.set(this.open.token, this.open);
        this.open = null;
        return;
      case 'LeaseViolationObserved':
        this.open = this.lost.get(event.data.claim) ?? null;
        this.lost.clear();
        return;
      case 'ClaimReleased':
      case 'RunDeferred':
      case 'InfraBudgetExhausted':
      case 'NothingToLand':
      case 'AgentJobErrored':
        this.open = null;
        return;
      default:
        return;
    }
  }

  /** Whoever comes to a stage again has to pass its gates again, and all after them. */
  private enter(stage: string): void {
    this.stage = stage;
    this.open = null;
    this.lost.clear();
    const again = STAGE_TRANSITIONS.slice(STAGE_TRANSITIONS.findIndex((row) => row.stage === stage));
    if (stage !== 'done') for (const gate of again.flatMap(({ gates }) => gates)) this.passed.delete(gate);
  }
}

export function checkTask(
  stream: string,
  events: readonly StoredEvent[],
  { isAtRest, required, ends }: { readonly isAtRest: boolean; readonly required: RequiredGates; readonly ends: Ends },
): Violation[] {
  const checker = new TaskChecker(stream, required, ends);
  for (const event of events) checker.take(event);
  checker.finish(isAtRest, events.at(-1)?.revision ?? 0n);
  return checker.violations;
}
