import type { Unreadable } from '../../domain/damage';
import { saidIn } from '../../domain/gates/outside-evidence';
import type { JsonObject } from '../../domain/json';
import { jobKey } from '../../domain/task/job';
import { filesFollowedWords } from '../../domain/task/words/followed-words';
import { setupWords } from '../../domain/task/words/setup-words';
import { emptyFolderWords } from '../../domain/task/words/folder-words';
import { rebaseSentences } from '../../domain/task/words/rebase-words';
import { firstSeen, listed, MOST_PATHS, pathsText } from '../../domain/task/words/seen-words';
import { comparisonText } from '../../domain/witness/compare-tests';
import { countsText } from '../../domain/witness/test-counts';
import type { RunRecord, TaskEvent, TaskEventData, TaskEventType, ToolFailure } from '../../domain/task/task.events';

type Words = { readonly [T in TaskEventType]: (data: TaskEventData[T]) => string };

/** What an event says, as a sentence for people. A type of a later program is called by its name. */
export function eventWords(event: TaskEvent | Unreadable): string {
  if (event.type === 'Unreadable') return `${event.data.type} cannot be relied on: ${event.data.reason}`;
  const words = WORDS as Partial<Record<string, (data: unknown) => string>>;
  return words[event.type]?.(event.data) ?? event.type;
}

const WORDS: Words = {
  TaskSubmitted: ({ submittedBy, branch, startStage }) =>
    `${submittedBy} submitted ${branch}, to start at ${startStage}`,
  TaskRejected: ({ reason }) => `rejected: ${reason}`,
  HeadMoved: ({ to, voidedClaim }) =>
    `${short(to)} was pushed${voidedClaim === null ? '' : '; the run under way is void'}`,
  TransitionClaimed: ({ job, worker, deadlineAt, outside }) =>
    outside
      ? `${worker} took ${jobKey(job)} from outside, until ${outside.endsAt} as long as its heartbeats come`
      : `${shortWorker(worker)} took ${jobKey(job)}, until ${deadlineAt} at the latest`,
  ClaimExtended: ({ deadlineAt }) => `the worker is still there: the claim lasts until ${deadlineAt}`,
  ClaimReleased: ({ reason }) => `the worker gave the job back: ${reason}`,
  TransitionReaped: ({ job, reason, retryAt }) =>
    `${jobKey(job)} was taken back, ${reason === 'deadline' ? 'its time was up' : 'its worker is gone'}${job.kind === 'deploy' ? '' : `; next try at ${retryAt}`}`,
  StaleResultRefused: ({ worker, refused }) => `a late result of ${shortWorker(worker)} was refused: ${refused}`,
  RedObserved: ({ run, treeOid }) =>
    `run ${run.runId} was red on tree ${short(treeOid)}, with ${exit(run.exitCode)} after ${run.durationMs} ms; it runs once more before that counts`,
  StagingSuiteExecuted: ({ run }) => ran('the staging suite', run),
  TestSuiteExecuted: ({ run }) => ran('the test suite', run),
  ToolErrored: ({ job, failureClass, failure }) =>
    `${jobKey(job)} broke at ${failure.step}: ${failureClass}, ${failure.reason}${seen(failure.evidence)}`,
  RunDeferred: ({ job, reason, spent, limit, deferredUntil }) =>
    `${jobKey(job)} is tried again at ${deferredUntil} (${reason}; ${spent} of ${limit} retries)`,
  InfraBudgetExhausted: ({ job, reason, spent, tries = spent + 1 }) =>
    `${jobKey(job)} is not tried again after ${tries === 1 ? '1 try' : `${tries} tries`}: ${reason}`,
  VerdictRecorded: ({ stage, status, producer, cause, witness }) =>
    `${producer} says ${status} for ${stage}${cause === null ? '' : ` (${cause})`}${seen(witness?.evidence ?? [])}`,
  VerdictVoided: ({ stage, by, reason }) => `${by} voided the verdict of ${stage}: ${reason}`,
  EvidenceRecorded: ({ gate, claim, subjectOid, evidence }) =>
    claim === undefined
      ? `${checkText(evidence)} at ${short(subjectOid)}, for ${gate}`
      : `evidence for ${gate} arrived, about ${short(subjectOid)}`,
  GateEvaluated: ({ gate, result, reason }) => `gate ${gate}: ${result}${reason === null ? '' : `, ${reason}`}`,
  BranchRebased: ({ outcome, baseOid, conflictPaths, notes }) =>
    outcome === 'clean'
      ? [`rebased onto ${short(baseOid)}`, ...rebaseSentences(notes)].join('; ')
      : `conflicts with ${short(baseOid)} in ${pathsText(conflictPaths, MOST_PATHS)}`,
  BranchRefused: ({ job, fault, detail }) => `${jobKey(job)} refused the branch: ${fault}, ${detail}`,
  RetestSkipped: () => 'the re-test was skipped: the same tree has passed already',
  MarkersLost: ({ markers }) =>
    `the candidate lost what main has to keep: ${listed(markers.map(({ file, text }) => `${JSON.stringify(text)} in ${file}`)).join(', ')}`,
  RetestFinished: ({ outcome, run, before, witness }) =>
    [
      `the re-test was ${outcome}: run ${run.runId} ended with ${exit(run.exitCode)} after ${run.durationMs} ms`,
      ...(before ? [`run ${before.runId} on the same tree was ${before.colour}`] : []),
      ...(witness?.evidence ?? testsWords(run)),
      ...setupWords(run.setup),
      ...emptyFolderWords(run.emptyFolders),
    ].join('; '),
  NothingToLand: ({ notes }) => ['nothing to land: main has had every change', ...rebaseSentences(notes)].join('; '),
  LandingLost: ({ reason }) => `not landed: ${reason}`,
  TaskLanded: ({ newOid, recovered, followed }) =>
    `landed as ${short(newOid)}${recovered ? ', found after an interruption' : ''}${followed ? `; ${filesFollowedWords(followed)}` : ''}`,
  StageAdvanced: ({ from, to }) => `moved from ${from} to ${to}`,
  StageSkipped: ({ stage, reason }) => `${stage} was skipped: ${reason}`,
  StageRolledBack: ({ from, to, reason }) => `sent back from ${from} to ${to}: ${reason}`,
  DeveloperRetriesExhausted: ({ spent, limit }) => `no developer retry is left: ${spent} of ${limit} used`,
  TaskHeld: ({ by, detail }) => `held by ${by}: ${detail}`,
  TaskReleased: ({ by, reason }) => `released by ${by}: ${reason}`,
  TaskCancelled: ({ by, reason }) => `cancelled by ${by}: ${reason}`,
  RequestQueued: ({ request, by }) => `${by} asked for ${request}; answered when the landing is over`,
  GateOverridden: ({ gate, by, reason, expiresAt, paths, headOid }) =>
    [
      paths ? `${by} waived ${gate} in ${pathsText(paths)}` : `${by} overrode ${gate}`,
      ...(headOid ? [`at ${short(headOid)}`] : []),
      `until ${expiresAt}: ${reason}`,
    ].join(' '),
  DependencyEnded: ({ taskId, end }) =>
    end === 'landed'
      ? `${taskId} has landed, which had to come first`
      : `${taskId}, which had to land first, was ${end}`,
  PriorityChanged: ({ from, to, by }) => `${by} changed the priority from ${from} to ${to}`,
  BudgetRenewed: ({ budget, by }) => `${by} renewed the ${budget} budget`,
  AgentJobFinished: ({ role, run }) => `the ${role} was done after ${run.durationMs} ms`,
  AgentJobErrored: ({ role, reason, detail, spends, retryAt }) =>
    `the ${role} failed: ${reason}${seen([detail])}${spends === null ? ', and is not tried again' : `; next try at ${retryAt}`}`,
  DeployBegun: ({ oid, runId }) => `the deploy of ${short(oid)} begins, run ${runId}`,
  DeployFinished: ({ status, detail }) => `deploy: ${DEPLOYS[status] ?? status}, ${detail}`,
  MonitorPolled: ({ poll, ok, seen: what }) =>
    `poll ${poll} of what was deployed is ${ok ? 'good' : 'bad'}${seen([what])}`,
  MonitorFinished: ({ status, detail }) => `monitoring: ${status}, ${detail}`,
  AlertRaised: ({ severity, title }) => `${severity} alert: ${title}`,
  AlertAcknowledged: ({ by, note }) => `${by} acknowledged an alert${note === undefined ? '' : `: ${note}`}`,
  AlertClosed: ({ how, by, note }) =>
    how === 'recovered'
      ? 'an alert is closed: the task has got on'
      : `${by} closed an alert${note === undefined ? '' : `: ${note}`}`,
  ForgeryDetected: ({ artifact }) => `${artifact} is not what was recorded`,
  LeaseViolationObserved: ({ claim, refused, displaced }) =>
    `the lease is off: ${refused} of claim ${claim} was let through, which had been taken away${displaced === null ? '' : `; claim ${displaced} is void`}`,
  ShadowSuiteFinished: ({ stage, status, run, failure }) =>
    `beside the agent of ${stage}, its suite ${shadowWords(status, run, failure)}`,
  TaskAnnotated: ({ by, text }) => `${by}: ${text}`,
};

const DEPLOYS: Readonly<Partial<Record<string, string>>> = {
  NOT_STARTED: 'the command never began',
  INTERRUPTED: 'interrupted, and nobody knows how far it got',
};

const SHORT_OID = 10;

function ran(suite: string, run: RunRecord): string {
  const ended = `${suite} ran for ${run.durationMs} ms and ended with ${exit(run.exitCode)}`;
  return [ended, ...testsWords(run), ...setupWords(run.setup), ...emptyFolderWords(run.emptyFolders)].join('; ');
}

/** How many tests it ran, where it says so. */
function testsWords({ tests, compared }: RunRecord): readonly string[] {
  const beside = compared && comparisonText(compared);
  const counted = tests ? [`tests: ${countsText(tests)}${tests.isClaimed ? ', as its output claims' : ''}`] : [];
  return beside ? [...counted, beside] : counted;
}

function shadowWords(status: string | null, run: RunRecord | null, failure: ToolFailure | null): string {
  if (status !== null) return `said ${status}${run ? ` after ${run.durationMs} ms` : ''}; that decides nothing`;
  return `was not executed${failure ? `: ${failure.reason}${seen(failure.evidence)}` : ''}`;
}

function seen(evidence: readonly string[]): string {
  const first = firstSeen(evidence);
  return first === null ? '' : ` (${first})`;
}

/** What somebody outside said of a check. */
function checkText(check: JsonObject): string {
  return `${saidIn(check, 'by')} says ${saidIn(check, 'name')}: ${saidIn(check, 'result')}`;
}

function short(oid: string): string {
  return oid.slice(0, SHORT_OID);
}

/** Host and process id are enough for people; the whole name (host, boot, namespace, pid, start) is in the event. */
function shortWorker(worker: string): string {
  const [host, boot, namespace, pid, startTicks] = worker.split('/');
  return boot && namespace && pid && startTicks ? `${host ?? ''} (pid ${pid})` : worker;
}

function exit(code: number | null): string {
  return code === null ? 'no exit code' : `exit code ${code}`;
}
