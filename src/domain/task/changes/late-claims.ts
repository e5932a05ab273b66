import type { TaskEvent } from '../task.events';
import { citedClaim, type SubmittedTask } from '../task.state';

/** Claims of one step whose owners may still come back; the newest of them. More would only make states larger. */
const MOST_LATE = 3;

/**
 * Whether the step has an answer after an event, or is another one, so that nobody waits for what was begun before. Each event
 * says it for itself: a fact that has nothing to do with the step must not lose the result of an owner who comes back.
 */
const CLOSES_STEP: Readonly<Record<TaskEvent['type'], boolean>> = {
  TaskSubmitted: true,
  TaskRejected: true,
  HeadMoved: true,
  TransitionClaimed: false,
  ClaimExtended: false,
  ClaimReleased: false,
  TransitionReaped: false,
  StaleResultRefused: false,
  RedObserved: true,
  StagingSuiteExecuted: true,
  TestSuiteExecuted: true,
  ToolErrored: false,
  RunDeferred: false,
  InfraBudgetExhausted: true,
  VerdictRecorded: true,
  VerdictVoided: true,
  EvidenceRecorded: true,
  GateEvaluated: true,
  BranchRebased: false,
  BranchRefused: true,
  RetestSkipped: true,
  MarkersLost: true,
  RetestFinished: true,
  NothingToLand: true,
  LandingLost: true,
  TaskLanded: true,
  StageAdvanced: true,
  StageSkipped: true,
  StageRolledBack: true,
  DeveloperRetriesExhausted: true,
  TaskHeld: false,
  TaskReleased: false,
  TaskCancelled: true,
  RequestQueued: false,
  GateOverridden: false,
  DependencyEnded: false,
  PriorityChanged: false,
  BudgetRenewed: false,
  AgentJobFinished: true,
  AgentJobErrored: true,
  DeployBegun: false,
  DeployFinished: true,
  MonitorPolled: true,
  MonitorFinished: true,
  AlertRaised: false,
  AlertAcknowledged: false,
  AlertClosed: false,
  ForgeryDetected: true,
  LeaseViolationObserved: true,
  ShadowSuiteFinished: false,
  TaskAnnotated: false,
};

/** Folds the claims that were taken away, as long as their step has no answer. */
export function takenAwayAfter(task: SubmittedTask, event: TaskEvent): SubmittedTask['takenAway'] {
  const { takenAway, claim } = task;
  if (event.type === 'TransitionReaped' && claim) return [...takenAway, claim].slice(-MOST_LATE);
  return takenAway.length > 0 && closesStep(task, event) ? [] : takenAway;
}

/** What was posted from outside, under no claim, answers no step. */
function closesStep(task: SubmittedTask, event: TaskEvent): boolean {
  if (event.type === 'EvidenceRecorded') return citedClaim(task, event.data.claim) !== null;
  return CLOSES_STEP[event.type];
}
