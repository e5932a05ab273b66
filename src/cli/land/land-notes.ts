import type { readTaskEvent } from '../../application/read-events';
import { emptyFolderWords } from '../../domain/task/words/folder-words';
import { filesFollowedWords } from '../../domain/task/words/followed-words';
import { rebaseSentences } from '../../domain/task/words/rebase-words';
import { setupWords } from '../../domain/task/words/setup-words';

type Seen = ReturnType<typeof readTaskEvent>;

/** What a person should know of a landing beside its outcome. @param run the run whose output is named. */
export function notesIn(events: readonly Seen[], run: string | null): readonly string[] {
  return [...ofRebase(events), ...ofRun(events, run), ...ofFiles(events)];
}

/** Of the rebase that counted. */
function ofRebase(events: readonly Seen[]): readonly string[] {
  const last = events.findLast(({ type }) => type === 'BranchRebased' || type === 'NothingToLand');
  return last?.type === 'BranchRebased' || last?.type === 'NothingToLand' ? rebaseSentences(last.data.notes) : [];
}

function ofRun(events: readonly Seen[], run: string | null): readonly string[] {
  const records = events.flatMap((event) =>
    event.type === 'RetestFinished' || event.type === 'StagingSuiteExecuted' ? [event.data.run] : [],
  );
  const { emptyFolders, setup } = records.find(({ runId }) => runId === run) ?? {};
  // That a set-up was kept, or was not needed, is as it should be.
  return [...emptyFolderWords(emptyFolders), ...(setup?.cache === 'not-kept' ? setupWords(setup) : [])];
}

/** Where the files of main followed as they should, the outcome says it all. */
function ofFiles(events: readonly Seen[]): readonly string[] {
  const landed = events.findLast(({ type }) => type === 'TaskLanded');
  if (landed?.type !== 'TaskLanded' || !landed.data.followed) return [];
  const { left, fault } = landed.data.followed;
  return left.length === 0 && fault === undefined ? [] : [filesFollowedWords(landed.data.followed)];
}
