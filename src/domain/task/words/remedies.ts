import { unreachable } from '../../fact';
import { cureOf } from './failure-words';
import type { Hold, SubmittedTask } from '../task.state';

/** The last thing a person does, once the cause is put right. */
export type Finish = 'release' | 'retry' | 'push';

/** What a person can do about a task that does not move by itself. */
export interface Remedy {
  readonly task: string;
  readonly branch: string;
  /** What to put right first; null where nothing is wrong. */
  readonly first: string | null;
  readonly then: Finish | null;
}

/** How the last step is told: `land` knows no other than to be run again. */
export type FinishWords = Readonly<Record<Finish, (remedy: Remedy) => string>>;

export const BY_COMMAND: FinishWords = {
  release: ({ task }) => `stagegate release ${task}`,
  retry: ({ task, branch }) =>
    `stagegate retry ${task}, which runs the same commit again; or push another one to ${branch}`,
  push: ({ branch }) => `push a commit to ${branch}; it is tested without being asked`,
};

export const BY_LAND: FinishWords = {
  release: () => 'run the same land again',
  retry: () => 'run the same land again',
  push: ({ branch }) => `commit to ${branch} and land it again`,
};

export function remedyText(remedy: Remedy, words: FinishWords): string {
  const steps = [remedy.first, remedy.then && words[remedy.then](remedy)];
  return steps.filter((step) => step !== null).join(', then ');
}

/** Nothing went wrong: something is missing from the configuration. */
export function remedyOfMissing({ id, branch }: SubmittedTask, first: string): Remedy {
  return { task: id, branch, first, then: null };
}

export function remedyOfHold({ id, branch }: SubmittedTask, hold: Hold): Remedy {
  return { task: id, branch, first: firstOfHold(hold), then: 'release' };
}

/** @param then `push` for a change that was found wanting, `retry` for a commit of which nothing is known. */
export function remedyOfSentBack({ id, branch, sentBack }: SubmittedTask, then: 'retry' | 'push'): Remedy {
  const failure = sentBack?.failure ?? null;
  const first = failure?.class === 'conflict' ? cureOfConflict(branch, failure.reason) : null;
  return { task: id, branch, first: then === 'retry' ? failure && cureOf(failure) : first, then };
}

function cureOfConflict(branch: string, reason: string): string {
  if (reason === 'unusable-branch')
    return `take out of ${branch} what is quoted, also out of the commits before its head`;
  return `rebase ${branch} onto main`;
}

function firstOfHold({ reason, failure }: Hold): string | null {
  switch (reason) {
    case 'person':
    case 'inconclusive':
      return null;
    case 'gate':
      return 'configure the gate, or take it out of `requiredGates` and restart the service';
    case 'forgery':
      return 'find out who can write there, and restore or remove the file';
    case 'unclassified':
      return 'report it: a fault of the program';
    case 'no-progress':
      return 'find out what restarts the service or moves the branch';
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
