import { lacking } from '../authority/needed-rights';
import { damageText } from '../damage';
import { unreachable } from '../fact';
import { agentDone, agentError } from './decide/decide-agent';
import { branchRefused } from './decide/decide-branch';
import { claimTransition, reapTransition, refuseStaleResult, releaseClaim } from './decide/decide-claim';
import { deployBegun, deployed } from './decide/decide-deploy';
import { recordEvidence } from './decide/decide-evidence';
import { polled } from './decide/decide-monitor';
import { extendClaim } from './decide/decide-outside';
import { acknowledgeAlert, closeAlert, closeRecovered } from './decide/decide-alert';
import { endDependency } from './decide/decide-dependency';
import { observeHead, stale } from './decide/decide-head';
import { landed, landingLost } from './decide/decide-landing';
import { conflict, nothingToLand, rebased, retested, retestSkipped, markersLost } from './decide/decide-merge';
import { redSeen } from './decide/decide-red';
import { admitLate } from './decide/late-result';
import { cancel, changePriority, holdTask, releaseTask, retry } from './decide/decide-operator';
import { overrideGate } from './decide/decide-override';
import { evidenceFound, forgery, infraFailed, suiteRan, unclassified } from './decide/decide-run';
import { recordShadow } from './decide/decide-shadow';
import { submit } from './decide/decide-submit';
import { accept, nothing, reject, type Decision } from './decide/decision';
import { draftOf, type Draft } from './decide/draft';
import { ALLOWED_COMMANDS_AFTER_FINAL, type DecisionContext, type TaskCommand } from './task.commands';
import { isFinal } from './pipeline';
import { settle } from './settle';
import type { Task } from './task.state';

/**
 * The whole business: what a command means for a task. Pure; time, policy, surroundings and randomness come in `context`.
 * The same command twice gives no second event.
 */
export function decide(task: Task, command: TaskCommand, context: DecisionContext): Decision {
  const lack = lacking(context.principal, command.type, context.policy.project);
  if (lack !== null) return reject('not-allowed', lack);
  if (task.kind === 'submitted' && task.damage) return reject('store-corrupt', damageText(task.damage));
  if (command.type === 'SubmitTask') return submit(task, command.data, context);
  if (task.kind === 'unknown') return reject('unknown-task', 'no such task');
  if (isFinal(task.stage) && !ALLOWED_COMMANDS_AFTER_FINAL.includes(command.type)) {
    return 'claim' in command.data
      ? reject('stale-claim', `the task is ${task.stage}`)
      : reject('task-is-final', `the task is ${task.stage}; nothing follows that`);
  }
  const draft = draftOf(task, context);
  const decision = decideOn(draft, command);
  if (decision.kind !== 'accept') return decision;
  closeRecovered(draft);
  return accept(draft.events);
}

function decideOn(draft: Draft, command: Exclude<TaskCommand, { type: 'SubmitTask' }>): Decision {
  admitLate(draft, command);
  switch (command.type) {
    case 'ObserveHead':
      return observeHead(draft, command.data);
    case 'ClaimTransition':
      return claimTransition(draft, command.data);
    case 'ExtendClaim':
      return extendClaim(draft, command.data);
    case 'ReleaseClaim':
      return releaseClaim(draft, command.data);
    case 'ReapTransition':
      return reapTransition(draft, command.data);
    case 'RefuseStaleResult':
      return refuseStaleResult(draft, command.data);
    case 'ReportSuiteRun':
      return suiteRan(draft, command.data);
    case 'ReportEvidence':
      return evidenceFound(draft, command.data);
    case 'ReportInfraFailure':
      return infraFailed(draft, command.data);
    case 'ReportStale':
      return stale(draft, command.data);
    case 'ReportUnclassified':
      return unclassified(draft, command.data);
    case 'ReportForgery':
      return forgery(draft, command.data);
    case 'RecordDeployBegun':
      return deployBegun(draft, command.data);
    case 'ReportDeployRun':
      return deployed(draft, command.data);
    case 'ReportMonitorPoll':
      return polled(draft, command.data);
    case 'RecordRebase':
      return rebased(draft, command.data);
    case 'RecordRed':
      return redSeen(draft, command.data);
    case 'ReportConflict':
      return conflict(draft, command.data);
    case 'ReportBranchRefused':
      return branchRefused(draft, command.data);
    case 'ReportNothingToLand':
      return nothingToLand(draft, command.data);
    case 'ReportRetestSkipped':
      return retestSkipped(draft, command.data);
    case 'ReportRetest':
      return retested(draft, command.data);
    case 'ReportMarkersLost':
      return markersLost(draft, command.data);
    case 'ReportLanded':
      return landed(draft, command.data);
    case 'ReportLandingLost':
      return landingLost(draft, command.data);
    case 'ReportAgentDone':
      return agentDone(draft, command.data);
    case 'ReportAgentError':
      return agentError(draft, command.data);
    case 'RecordShadowSuite':
      return recordShadow(draft, command.data);
    case 'EvaluateGates':
      settle(draft);
      return draft.events.length === 0 ? nothing() : accept(draft.events);
    case 'EndDependency':
      return endDependency(draft, command.data);
    case 'HoldTask':
      return holdTask(draft, command.data);
    case 'ReleaseTask':
      return releaseTask(draft, command.data);
    case 'RetryTask':
      return retry(draft, command.data);
    case 'CancelTask':
      return cancel(draft, command.data);
    case 'ChangePriority':
      return changePriority(draft, command.data);
    case 'AcknowledgeAlert':
      return acknowledgeAlert(draft, command.data);
    case 'CloseAlert':
      return closeAlert(draft, command.data);
    case 'RecordEvidence':
      return recordEvidence(draft, command.data);
    case 'OverrideGate':
      return overrideGate(draft, command.data);
    default:
      return unreachable(command);
  }
}
