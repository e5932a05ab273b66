import type { Unreadable } from '../damage';
import type { Instant } from '../instant';
import { alertsAfter } from './changes/alert-changes';
import { claimed, extended, held, interrupted, reaped } from './changes/claim-changes';
import {
  evidenceAfterVoid,
  evidenceOfHead,
  redOnce,
  retested,
  verdict,
  withArtifact,
  withEvidence,
  withoutFinding,
} from './changes/evidence-changes';
import { deployFinished } from './changes/deploy-changes';
import { polled } from './changes/monitor-changes';
import { failureAfter } from './changes/failure';
import { laneRunAfter } from './changes/lane-run';
import { takenAwayAfter } from './changes/late-claims';
import { damaged, illegible, submitted } from './changes/first-state';
import { freeEndsAfter } from './budgets/free-ends';
import { jobThatReports } from './job';
import { doesCommit } from './pipeline';
import { forgetAgent, forgetFlakes, forgetInfra, forgetStage, renewed, spend } from './budgets/spending';
import { answered, backBehindStaging, overridden, withAuthor } from './changes/gate-changes';
import { enter, headMoved, reworked, sentBack, upToDevelopment, type Change } from './changes/stage-changes';
import { withShadow } from './shadow';
import { successor } from './changes/successor';
import type { TaskEvent } from './task.events';
import { isLanding, isUntested, type MergeEvidence, type SubmittedTask, type Task } from './task.state';

/** What happened, when, and under which policy: the envelope's part that state depends on. */
export interface When {
  readonly at: Instant;
  readonly policyDigest: string | null;
}

/** Folds one event into the task. Never refuses: an event is a fact. Behind one that cannot be read nothing counts. */
export function evolve(task: Task, event: TaskEvent | Unreadable, when: When): Task {
  if (task.kind === 'submitted') return evolveSubmitted(task, event, when);
  if (event.type === 'Unreadable') return illegible(event.data, when.at);
  return event.type === 'TaskSubmitted' ? submitted(event.data, when.at) : task;
}

export function evolveSubmitted(task: SubmittedTask, event: TaskEvent | Unreadable, when: When): SubmittedTask {
  if (task.damage) return successor(task);
  if (event.type === 'Unreadable') return Object.assign(successor(task), damaged(event.data));
  const next = Object.assign(successor(task), change(task, event, when));
  next.failure = failureAfter(task, event);
  next.freeEnds = freeEndsAfter(task, event);
  next.laneRun = laneRunAfter(task, event);
  next.takenAway = takenAwayAfter(task, event);
  next.alerts = alertsAfter(task, next, event);
  if (next.requests.length > 0 && !isLanding(next)) next.requests = [];
  return next;
}

function change(task: SubmittedTask, event: TaskEvent, { at, policyDigest }: When): Change {
  switch (event.type) {
    case 'TaskSubmitted':
      return {};
    case 'TaskRejected':
      return { ...enter(task, 'rejected', at), lastReason: event.data.reason };
    case 'HeadMoved':
      return headMoved(task, event.data, at);
    case 'TransitionClaimed':
      return {
        claim: claimed(task, event.data, at),
        deferral: null,
        exhausted: null,
      };
    case 'ClaimExtended':
      return extended(task, event.data, at);
    case 'ClaimReleased':
      return {
        claim: null,
        interruptedLanding: interrupted(task),
        runnerUnavailable: task.runnerUnavailable || event.data.runnerUnavailable === true,
      };
    case 'TransitionReaped':
      return reaped(task, event.data, at);
    case 'LeaseViolationObserved':
      return { claim: task.takenAway.find(({ token }) => token === event.data.claim) ?? task.claim, deferral: null };
    case 'RedObserved':
      return { redOnce: redOnce(event.data) };
    case 'StagingSuiteExecuted':
    case 'TestSuiteExecuted':
      return { lockBusySince: null, spent: forgetInfra(task.spent, { kind: jobThatReports(event.type) }) };
    case 'ToolErrored':
      // A busy lock means that nothing was touched; after anything else main may have moved.
      return event.data.failureClass === 'lock-busy' ? {} : { interruptedLanding: interrupted(task) };
    case 'InfraBudgetExhausted':
      return { claim: null, exhausted: event.data.job, lockBusySince: null };
    case 'RunDeferred':
      return {
        ...(event.data.failureClass === 'inconclusive' ? withoutFinding(task, event.data.job) : {}),
        claim: null,
        spent: spend(task.spent, event.data.spends),
        deferral: {
          until: event.data.deferredUntil,
          since: at,
          job: event.data.job,
          failureClass: event.data.failureClass,
          reason: event.data.reason,
          ...(event.data.evidence ? { evidence: event.data.evidence } : {}),
        },
        lockBusySince: event.data.failureClass === 'lock-busy' ? (task.lockBusySince ?? at) : null,
      };
    case 'VerdictRecorded':
      return {
        claim: null,
        redOnce: null,
        spent: event.data.cause === null ? forgetFlakes(task.spent, task.claim?.job) : task.spent,
        verdicts: { ...task.verdicts, [event.data.stage]: verdict(task, event.data, at, policyDigest) },
        artifacts: withArtifact(task, event.data.artifact),
      };
    case 'VerdictVoided':
      return {
        ...enter(task, event.data.stage, at),
        // Nothing is known against this head, so development's exit need not wait for another one.
        ...(isUntested(task) && event.data.stage === 'development' ? { developedFrom: null } : {}),
        spent: spend(task.spent, event.data.spends),
        verdicts: { ...task.verdicts, [event.data.stage]: undefined },
        merge: null,
        redOnce: null,
        evidence: evidenceAfterVoid(task, event.data),
        nothingToLand: false,
      };
    case 'EvidenceRecorded':
      return withEvidence(task, event.data);
    case 'GateEvaluated':
      return answered(task, event.data);
    case 'GateOverridden':
      return overridden(task, event.data, at);
    case 'BranchRebased': {
      const { headOid, baseOid, outcome, newOid, treeOid, conflictPaths } = event.data;
      const merge: MergeEvidence = {
        headOid,
        baseOid,
        rebase: outcome,
        newOid,
        treeOid,
        conflictPaths,
        retest: null,
        proof: null,
      };
      // A clean rebase is a fact on the way: a lock that comes after it each time would be waited for without end.
      return outcome === 'conflict' ? { merge, lockBusySince: null, claim: null } : { merge };
    }
    case 'BranchRefused':
      return { claim: null, lockBusySince: null, spent: forgetInfra(task.spent, event.data.job) };
    case 'RetestSkipped':
      return {
        ...retested(task, 'skipped'),
        ...(task.merge ? { merge: { ...task.merge, retest: 'skipped', proof: event.data.proof } } : {}),
      };
    case 'MarkersLost':
      return retested(task, 'red');
    case 'RetestFinished':
      return retested(task, event.data.outcome, event.data.artifact);
    case 'NothingToLand':
      return { claim: null, lockBusySince: null, nothingToLand: true };
    case 'LandingLost':
      return {
        ...enter(task, 'deploy-staging', at),
        spent: spend(forgetInfra(task.spent, task.claim?.job ?? null), event.data.spends),
        ...backBehindStaging(task),
        merge: null,
        evidence: evidenceOfHead(task),
        interruptedLanding: null,
        lockBusySince: null,
      };
    case 'TaskLanded':
      return {
        claim: null,
        interruptedLanding: null,
        lockBusySince: null,
        landed: { newOid: event.data.newOid, baseOid: event.data.baseOid, at },
      };
    case 'StageAdvanced':
      return {
        ...enter(task, event.data.to, at),
        ...(event.data.to === 'development' ? { developedFrom: task.headOid } : {}),
        ...(event.data.from === 'development' ? { reworked: reworked(task) } : {}),
        spent: forgetStage(task.spent, event.data.from),
      };
    case 'StageRolledBack':
      return {
        ...enter(task, 'development', at),
        spent: spend(forgetAgent(forgetInfra(task.spent, 'every job'), event.data.from), event.data.spends),
        developedFrom: task.headOid,
        verdicts: upToDevelopment(task),
        merge: null,
        redOnce: null,
        evidence: evidenceOfHead(task),
        sentBack: sentBack(task, event.data),
        lastReason: event.data.reason,
      };
    case 'TaskHeld':
      return held(task, event.data, at);
    case 'TaskReleased':
      return {
        hold: null,
        deferral: null,
        exhausted: null,
        // What the task was held for took its time; the lock had no part in that.
        lockBusySince: null,
        interruptedLanding: task.interruptedLanding && { ...task.interruptedLanding, needsPerson: false },
      };
    case 'TaskCancelled':
      return { ...enter(task, 'cancelled', at), hold: null, lastReason: event.data.reason };
    case 'RequestQueued':
      return { requests: [...task.requests, event.data] };
    case 'DependencyEnded': {
      const { taskId, end } = event.data;
      return { dependsOn: task.dependsOn.map((each) => (each.taskId === taskId ? { taskId, end } : each)) };
    }
    case 'PriorityChanged':
      return { priority: event.data.to };
    case 'BudgetRenewed':
      return { spent: renewed(task.spent, event.data) };
    case 'AgentJobFinished':
      return {
        // Other roles say more: their verdict closes the claim.
        ...(doesCommit(event.data.role) ? { claim: null } : {}),
        authors: withAuthor(task, event.data.role),
        spent: forgetInfra(task.spent, { kind: 'agent', role: event.data.role }),
      };
    case 'AgentJobErrored':
      return {
        claim: null,
        spent: spend(task.spent, event.data.spends),
        deferral: {
          until: event.data.retryAt,
          since: at,
          job: { kind: 'agent', role: event.data.role },
          failureClass: 'agent-error',
          reason: event.data.reason,
        },
      };
    case 'ShadowSuiteFinished':
      return { shadows: withShadow(task, event.data) };
    case 'DeployBegun':
      return { deployBegun: { oid: event.data.oid, runId: event.data.runId, since: at } };
    case 'DeployFinished':
      return deployFinished(task, event.data);
    case 'MonitorPolled':
      return polled(task, event.data);
    case 'MonitorFinished':
      // Told by the verdict behind it.
      return {};
    case 'TaskAnnotated':
      return event.data.headOid ? { headAfterLanding: event.data.headOid } : {};
    case 'StaleResultRefused':
    case 'StageSkipped':
    case 'DeveloperRetriesExhausted':
    case 'AlertRaised':
    case 'AlertAcknowledged':
    case 'AlertClosed':
    case 'ForgeryDetected':
      return {};
    default:
      // A log may hold types that an older program does not know; `satisfies` still breaks the build for a forgotten one.
      event satisfies never;
      return {};
  }
}
