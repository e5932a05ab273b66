import { unreachable } from '../../fact';
import { newerLanding } from '../../gates/newer-landing';
import { evidenceFor } from '../../gates/subject';
import { mayOverride, namedPaths } from '../../gates/overrides';
import type { TaskId } from '../../ids';
import type { GateName } from '../pipeline';
import { cureOf } from './failure-words';
import type { Hold, SubmittedTask } from '../task.state';

/** The last thing a person does, once the cause is put right. */
export type Finish = 'release' | 'retry' | 'push' | 'again';

/** What a person can do about a task that does not move by itself. */
export interface Remedy {
  readonly task: string;
  readonly branch: string;
  /** What to put right first; null where nothing is wrong. */
  readonly first: string | null;
  readonly then: Finish | null;
  /** The gate that a person may let pass instead; null where none is in the way, or none that can be. */
  readonly override: GateName | null;
  /** It has named the paths that speak against the change, which may be waived. */
  readonly hasPaths?: boolean;
  /** Instead of all that, somebody can take the work. */
  readonly isOffered?: boolean;
}

/** How the last step is told: `land` knows no other than to be run again. */
export type FinishWords = Readonly<Record<Finish, (remedy: Remedy) => string>> & {
  readonly take?: (remedy: Remedy) => string;
};

export const BY_COMMAND: FinishWords = {
  release: ({ task }) => `stagegate release ${task}`,
  retry: ({ task, branch }) =>
    `stagegate retry ${task}, which runs the same commit again; or push another one to ${branch}`,
  push: ({ branch }) => `push a commit to ${branch}; it is tested without being asked`,
  again: ({ task }) => `stagegate retry ${task} --reason "<why>", which runs it again`,
  take: ({ task }) => `stagegate work take ${task}`,
};

export const BY_LAND: FinishWords = {
  release: () => 'run the same land again',
  retry: () => 'run the same land again',
  push: ({ branch }) => `commit to ${branch} and land it again`,
  again: () => 'run the same land again',
};

export function remedyText(remedy: Remedy, words: FinishWords): string {
  const steps = [remedy.first, remedy.then && words[remedy.then](remedy)].filter((step) => step !== null);
  const taking = remedy.isOffered && words.take ? `take the work: ${words.take(remedy)}` : null;
  const ways = [
    steps.join(', then '),
    taking,
    remedy.override && overrideWords(remedy.task, remedy.override, remedy.hasPaths === true),
  ];
  return ways.filter((way) => way !== null && way !== '').join('; or ');
}

function overrideWords(task: TaskId, gate: GateName, hasPaths: boolean): string {
  return hasPaths
    ? `let what it has found pass on record: stagegate waive ${task} ${gate} --reason "<why>", with --path for a part of it`
    : `let the gate pass on record: stagegate override ${task} ${gate} --reason "<why>"`;
}

/** Nothing went wrong: something is missing from the configuration. */
export function remedyOfMissing({ id, branch }: SubmittedTask, first: string): Remedy {
  return { task: id, branch, first, then: null, override: null };
}

/** Evidence is to come from outside, or never will. */
export function remedyOfGate(task: SubmittedTask, gate: GateName): Remedy {
  return { task: task.id, branch: task.branch, first: null, then: null, override: offered(task, gate) };
}

/** The result of a check is to come from CI. */
export function remedyOfCheck(task: SubmittedTask, gate: GateName, name: string): Remedy {
  const head = task.headOid ?? '';
  const first = `let CI bring it: stagegate evidence ${task.id} --name ${quoted(name)} --result success --head ${head}`;
  return { ...remedyOfGate(task, gate), first };
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export function remedyOfHold(task: SubmittedTask, hold: Hold): Remedy {
  const ofDeploy = hold.gate === 'check_deploy_status' ? remedyOfDeploy(task) : null;
  if (ofDeploy) return { task: task.id, branch: task.branch, override: 'check_deploy_status', ...ofDeploy };
  if (hold.gate === 'check_monitor_healthy' && task.verdicts.monitoring) return remedyOfDegraded(task);
  const isJudged = hold.reason === 'gate' || hold.reason === 'inconclusive';
  const ofJudge = hold.gate === 'check_tests_not_weakened' && isJudged ? remedyOfJudge(task) : null;
  if (ofJudge) return ofJudge;
  const isFindings = hold.reason === 'gate' || hold.reason.endsWith('-retries-exhausted');
  // What lets a suite without tests pass lets its re-test pass, too.
  const unwitnessed = hold.reason === 'not-executed' ? (hold.gate ?? null) : null;
  const override = isFindings ? offered(task, hold.gate) : unwitnessed;
  const found = override && named(task, override);
  // Asked again, it says the same of the same commit.
  if (hold.reason === 'gate' && found)
    return { task: task.id, branch: task.branch, first: null, then: 'push', override, ...found };
  return { task: task.id, branch: task.branch, first: firstOfHold(hold), then: 'release', override, ...found };
}

/** Null where nothing was found out: the gate is required, and nobody has configured it. */
function remedyOfJudge(task: SubmittedTask): Remedy | null {
  const gate = 'check_tests_not_weakened';
  const found = evidenceFor(task, gate)?.data;
  if (!found) return null;
  const { id, branch } = task;
  const override = offered(task, gate);
  const first =
    found['finding'] === 'contradictory'
      ? 'read 15-judge-report.md, and find out which colour is right'
      : `read 15-judge-report.md; push a commit to ${branch} that passes main's tests`;
  return { task: id, branch, first, then: 'release', override, ...(override && named(task, override)) };
}

/** Whether it is safe to run once more, only a look at what is deployed can tell. Null: nothing was tried. */
function remedyOfDeploy(task: SubmittedTask): Pick<Remedy, 'first' | 'then'> | null {
  const newer = newerLanding(task);
  if (newer) return { first: `deploy ${newer}, which has this change too`, then: null };
  if (task.deployBegun) return { first: 'look at what is deployed', then: 'again' };
  return task.verdicts.deploy ? { first: 'put right what the command printed', then: 'again' } : null;
}

/** Main has the change and keeps it: what is wrong is put right where it runs, or by another task. */
function remedyOfDegraded({ id, branch }: SubmittedTask): Remedy {
  const first = 'put right what is wrong there, or submit a revert as a task of its own';
  return { task: id, branch, first, then: 'again', override: 'check_monitor_healthy' };
}

/** @param then `push` for a change that was found wanting, `retry` for a commit of which nothing is known. */
export function remedyOfSentBack(task: SubmittedTask, then: 'retry' | 'push'): Remedy {
  const { branch, sentBack } = task;
  const failure = sentBack?.failure ?? null;
  const first = failure?.class === 'conflict' ? cureOfConflict(branch, failure.reason) : null;
  const override = then === 'push' ? offered(task, sentBack?.gate) : null;
  const found = override && named(task, override);
  return {
    task: task.id,
    branch,
    first: then === 'retry' ? failure && cureOf(failure) : first,
    then,
    override,
    ...found,
  };
}

/** Not for the suite: what it finds, the re-test of the candidate would find once more. */
function offered(task: SubmittedTask, gate: GateName | undefined): GateName | null {
  return gate && gate !== 'check_staging_status' && mayOverride(task, gate) ? gate : null;
}

function named(task: SubmittedTask, gate: GateName): Pick<Remedy, 'hasPaths'> | null {
  return namedPaths(task, gate).length > 0 ? { hasPaths: true } : null;
}

function cureOfConflict(branch: string, reason: string): string {
  if (reason === 'unusable-branch')
    return `take out of ${branch} what is quoted, also out of the commits before its head`;
  return `rebase ${branch} onto main`;
}

function firstOfHold({ reason, failure, gate }: Hold): string | null {
  switch (reason) {
    case 'person':
      return null;
    case 'inconclusive':
      return gate === 'check_ci_green'
        ? 'find out which result is right; released, the task waits for CI to report once more'
        : failure && cureOf(failure);
    case 'gate':
      return 'configure the gate, or take it out of `requiredGates` and restart the service';
    case 'forgery':
      return 'find out who can write there, and restore or remove the file';
    case 'unclassified':
      return failure ? cureOf(failure) : 'report it: a fault of the program';
    case 'dependency':
      return 'see whether the change makes sense without that task; released, it goes on';
    case 'no-progress':
      return 'find out what restarts the service or moves the branch';
    case 'not-executed':
    case 'infra-exhausted':
    case 'crash-exhausted':
    case 'developer-retries-exhausted':
    case 'agent-retries-exhausted':
    case 'landing-attempts-exhausted':
      return failure && cureOf(failure);
    default:
      return unreachable(reason);
  }
}
