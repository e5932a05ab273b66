import type { AccessEventType } from '../../src/domain/access/access.events';
import type { ArtifactEvent } from '../../src/domain/artifact/artifact.events';
import type { HookEvent } from '../../src/domain/hooks/hook.events';
import type { LaneEventType } from '../../src/domain/lane/lane.events';
import type { PolicyEvent } from '../../src/domain/policy/policy.events';
import type { SwitchEventType } from '../../src/domain/policy/switches.events';
import type { SubscriberEvent } from '../../src/domain/subscriber/subscriber.events';
import type { TaskEventType } from '../../src/domain/task/task.events';

/** What each event means, for docs/events.md. A new event without a line here does not compile. */
export const EVENT_MEANINGS: Readonly<
  Record<
    | TaskEventType
    | LaneEventType
    | AccessEventType
    | SwitchEventType
    | (ArtifactEvent | HookEvent | PolicyEvent | SubscriberEvent)['type'],
    string
  >
> = {
  TaskSubmitted: 'The task exists, and its branch was at this head. First event of every task.',
  TaskRejected: 'The intake gate said no; final.',
  HeadMoved:
    'The branch is at another commit. After development it voids verdicts and the named claim, and the task goes back to the exit of development.',
  TransitionClaimed:
    'A worker owns the next step. Its revision is the token that all work of the claim cites; `landing` says what a landing is about to move; `outside` who works elsewhere, the digest of the secret that proves it, and the bound of the claim.',
  ClaimExtended: 'A heartbeat of an outside worker, stored at most once a minute: its claim lasts until `deadlineAt`.',
  ClaimReleased:
    'The owner gave the job back without a result: shutting down, switched off, or nothing to do. `runnerUnavailable`: the staging-runner could not be started, so a deployer stands in.',
  TransitionReaped:
    'An abandoned claim was taken away: its deadline passed, or its worker is provably dead. Spends the crash budget of the stage.',
  StaleResultRefused:
    'A worker that no longer owned the task came with a result. Changes nothing; `refused` is the command it came with.',
  TestSuiteExecuted: 'The suite of stage testing ran to its own end. Its verdict follows in the same append.',
  RedObserved:
    'A suite was red for the first time on this tree. Nothing follows from it before the suite has run once more.',
  StagingSuiteExecuted: 'The staging suite ran to its own end. Its verdict follows in the same append.',
  ToolErrored: 'A job was ended by infrastructure. A deferral or the exhaustion of the budget follows.',
  RunDeferred: 'The job is tried again at `deferredUntil`. `spends` is null for what is free (a locked ref).',
  InfraBudgetExhausted: 'No retry is left, or none would help. The verdict or the hold that follows fails closed.',
  VerdictRecorded:
    'What a stage found about one commit; gates believe this and no file. `cause` is set when it is no ordinary verdict.',
  VerdictVoided: 'The verdict no longer counts and the stage runs again.',
  EvidenceRecorded:
    'What a gate judges by, about the commit `subjectOid`. Without a claim: somebody outside says how a check went (`name`, `result`, `url`, `files`, and `delivery` where a webhook said it). With one: a job brought it, which none of this version does.',
  GateEvaluated: 'A gate was asked. `ruleVersion` says under which rule it answered.',
  BranchRefused:
    'Git cannot work with the branch: it has nothing in common with main, or holds what git or a file system refuses.',
  BranchRebased:
    'The head sits cleanly on the base as `newOid`, or conflicts in `conflictPaths`. `notes`: commits left out, and what comes back.',
  RetestSkipped: 'The re-test was needless, by this proof.',
  MarkersLost: 'The candidate lacks texts that the project lists and main has. Judged as a red re-test; none is run.',
  RetestFinished:
    'The suite ran on the rebased tree. `inconclusive`: red and green on the same tree; `before`: what an earlier run on it has said.',
  NothingToLand: 'main has had every change; the task goes to `done`. `notes`: what main has undone since.',
  LandingLost:
    'main was not moved by this landing. Back to the merge gate; `main-moved` and `interrupted` spend an attempt.',
  TaskLanded:
    "main has the change, by git's own record. Nothing rolls back from here. `recovered`: found out afterwards.",
  StageAdvanced: 'The task is at another stage.',
  StageSkipped: 'A stage was passed over, and why.',
  StageRolledBack: "Back to development. `spends` is null when that is nobody's fault.",
  DeveloperRetriesExhausted: 'The developer budget is used up; the hold follows.',
  TaskHeld: 'A person has to let the task go on. `budget` is the one that a release renews, `job` what cannot go on.',
  TaskReleased: 'The hold is lifted.',
  TaskCancelled: 'Taken out of the pipeline; final.',
  RequestQueued: 'Asked for during a landing; answered when its outcome is known.',
  GateOverridden:
    'A person lets the gate pass at the commit `headOid`, whole or in `paths` alone, until a time; a gate that does not pass by itself then answers `pass`, reason `overridden`, with this revision as evidence.',
  DependencyEnded:
    'A task that has to land first has ended. `cancelled` and `rejected` hold this one in the same append; a release lets it go on.',
  PriorityChanged: 'Another priority in the lane.',
  BudgetRenewed: 'The retries of one budget are there again.',
  AgentJobFinished: 'An agent ended with a result. `cost` is the JSON object it printed, if it did.',
  AgentJobErrored:
    'An agent ended without a valid result. Tried again at `retryAt`, or held when the budget is used up.',
  DeployBegun:
    'The deploy command is started next. Without an end behind it nobody knows how far it got, and a person is asked.',
  DeployFinished:
    'How the deploy ended: `SUCCESS`, `FAILED`, `NOT_STARTED` (the command never began), or `INTERRUPTED` (nobody knows how far it got).',
  MonitorPolled:
    'One look at what was deployed: its number in the window, whether it was good, and what was seen. Nothing is held until the next.',
  MonitorFinished: 'The window of polls is over: `HEALTHY` or `DEGRADED`, and why.',
  AlertRaised: 'A person is needed. The key names the incident, so that a receiver can drop repetitions.',
  AlertAcknowledged: 'A person has seen the alert, and takes care of it.',
  AlertClosed: 'The alert is over: a person says so, or (`recovered`) the task has got on.',
  ForgeryDetected: 'An artifact differs from its digest in the event. The hold follows.',
  LeaseViolationObserved:
    'With the lease switched off, the result of a claim that had been taken away was let through: as if it had not been, and void is who had the step meanwhile.',
  ShadowSuiteFinished:
    'A suite ran [beside the agent](shadow.md) of its stage, so that the two can be compared. It changes nothing. `status` null: it was not executed.',
  TaskAnnotated: 'A remark. `headOid`: the branch went there after the landing.',
  LaneGranted: "The task holds its project's lane. Its revision is the epoch that fences the landing in git.",
  LaneReleased: 'The task has no more use for the lane.',
  LaneReaped: 'The grant was taken back from a task that did not use it.',
  LanePaused: 'Runs in the lane kept failing by infrastructure: nobody gets it before a probe, and one alert goes out.',
  LaneProbeFailed: 'The task that was let in failed by infrastructure too: the pause goes on, for longer.',
  LaneAlertAnswered: 'A person has seen the alert of the pause, or says that it is over. The lane stays paused.',
  LaneResumed: 'The lane takes tasks again: a probe got through, a person said so, or the breaker was switched off.',
  ArtifactKept: "A part of an artifact's bytes; the parts of a stream follow one another.",
  SubscriberBegan: 'What comes behind this is handed over from now on.',
  BatchTaken: 'A process hands the next batch over; while its lease lasts nobody else does.',
  BatchHandled:
    'Everything up to `after` is done with, but for what is `aside`; `done` and `ended` say what was delivered or made for it.',
  RedeliveryAsked: 'A person (`by`) has dead letters tried anew: they are in `aside`.',
  BatchFailed: 'The batch could not be done, and is tried again at `retryAt`. Nothing behind it is handed over before.',
  LeaseReturned: 'The process has nothing more to do, as it ends.',
  WebhookReceived:
    'A signed delivery that [means something](webhooks.md#what-each-event-means). What it says of a check is brought to the tasks at that commit; everything else is a reason to look at branches.',
  TokenCreated:
    'Whoever sends the secret with this digest is this principal, up to `expiresAt`. The secret itself was shown once and is nowhere.',
  TokenRevoked: 'The token lets nobody in any more, from the next request on.',
  PolicyRecorded: "This is the project's policy from here on.",
  SwitchSet:
    'A person has switched a mechanism of the project on or off; null gives the decision back to project file and environment.',
};
