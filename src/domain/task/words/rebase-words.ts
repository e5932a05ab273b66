import { plainLine } from '../../staging/plain-text';
import { ofCount } from './seen-words';
import type { CommitList, RebaseNotes } from '../task.events';

const SHORT_OID = 10;
const SUBJECT_CHARS = 100;

/** What a person should know of commits that were not simply copied, a sentence for each matter. */
export function rebaseSentences({ skipped, undone, returning, unsigned }: RebaseNotes = {}): readonly string[] {
  return [
    ...about(skipped, (commits, those) => `left out ${commits}; main has had ${those} by other commits`),
    ...about(
      undone,
      (commits, those) =>
        `main has since undone ${commits}; to bring ${those} back, revert on the branch what undid ${those}`,
    ),
    ...about(returning, (commits, those) => `brings back ${commits}, though main has undone ${those}`),
    ...about(
      unsigned,
      (commits, those) => `dropped the signature of ${commits}; it does not fit the copy that main has of ${those}`,
    ),
  ];
}

function about(list: CommitList | undefined, words: (commits: string, those: string) => string): readonly string[] {
  if (!list || list.count === 0) return [];
  return [words(commitsText(list), list.count === 1 ? 'it' : 'them')];
}

/** `2 commits, 0123456789 (Add a price), 123456789a (Round it)`. */
function commitsText({ count, commits }: CommitList): string {
  const named = commits.map(({ oid, subject }) => `${oid.slice(0, SHORT_OID)} (${plainLine(subject, SUBJECT_CHARS)})`);
  return [count === 1 ? '1 commit' : `${count} commits`, ...ofCount(named, count)].join(', ');
}
