import { plainLine } from '../../../domain/staging/plain-text';
import type { CommitList, RebaseNotes } from '../../../domain/task/task.events';
import type { CommitObject } from './commit-object';

/** Named of each list; the others are counted. */
const MOST_NAMED = 5;
const SUBJECT_CHARS = 100;

/** What is worth saying of commits that were not simply copied; empty lists say nothing. */
export function notesOf(commits: { readonly [Name in keyof RebaseNotes]: readonly CommitObject[] }): {
  notes?: RebaseNotes;
} {
  const lists = Object.entries(commits).filter(([, list]) => list.length > 0);
  if (lists.length === 0) return {};
  return { notes: Object.fromEntries(lists.map(([name, list]) => [name, listOf(list)])) };
}

function listOf(commits: readonly CommitObject[]): CommitList {
  return { count: commits.length, commits: commits.slice(0, MOST_NAMED).map(named) };
}

function named({ oid, message }: CommitObject): CommitList['commits'][number] {
  const [subject = ''] = Buffer.from(message, 'latin1').toString('utf8').trimStart().split('\n');
  return { oid, subject: plainLine(subject, SUBJECT_CHARS) };
}
