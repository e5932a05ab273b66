import type { CommitList } from '../../../../src/domain/task/task.events';
import { GitBed, TASK } from '../git-bed';

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
});
afterEach(() => {
  bed.dispose();
});

/** What a rebase of `feature` says beside its candidate: counts and subjects of each list. */
async function notes(): Promise<Record<string, readonly [number, readonly string[]]>> {
  const { headOid, baseOid } = await bed.workspace.fetch(bed.repository(), TASK, 'feature');
  const outcome = await bed.workspace.rebase(bed.repository(), { task: TASK, branch: 'feature', headOid, baseOid });
  if (outcome.kind === 'conflict') throw new Error(`expected no conflict, saw one in ${outcome.paths.join()}`);
  const lists = Object.entries<CommitList>({ ...outcome.notes });
  return Object.fromEntries(
    lists.map(([name, { count, commits }]) => [name, [count, commits.map(({ subject }) => subject)] as const]),
  );
}

/** A commit with a subject of its own. */
function commit(branch: string, subject: string, files: Readonly<Record<string, string>>, from?: string): string {
  bed.commit(branch, files, from);
  bed.git(['commit', '--quiet', '--amend', '-m', subject]);
  return bring(branch);
}

function bring(branch: string): string {
  bed.git(['push', '--quiet', '--force', bed.dir, branch]);
  return bed.head(branch) ?? '';
}

/** What `git cherry-pick` makes of them on main, behind a commit of its own; and `git revert` of the last ones, if told. */
function onMain(picked: readonly string[], { isReverted }: { readonly isReverted: boolean }): void {
  bed.commit('main', { 'other.txt': 'other\n' });
  bed.git(['cherry-pick', ...picked]);
  if (isReverted) bed.git(['revert', '--no-edit', `HEAD~${picked.length}..HEAD`]);
  bring('main');
}

test('a rebase that copies every commit has nothing to say', async () => {
  commit('feature', 'Add a', { 'a.txt': 'a\n' }, 'main');
  bed.commit('main', { 'other.txt': 'other\n' });
  expect(await notes()).toEqual({});
});

test('what main has by other commits is named, however its lines have changed since', async () => {
  const picked = commit('feature', 'Change main.txt', { 'main.txt': 'mine\n' }, 'main');
  commit('feature', 'Add a', { 'a.txt': 'a\n' });
  onMain([picked], { isReverted: false });
  bed.commit('main', { 'main.txt': 'later\n' });
  expect(await notes()).toEqual({ skipped: [1, ['Change main.txt']] });
});

test('what main has undone stays out and is named, also where one commit stands on another', async () => {
  const first = commit('feature', 'Add returns', { 'returns.txt': 'one\n' }, 'main');
  const second = commit('feature', 'Change returns', { 'returns.txt': 'two\n' });
  commit('feature', 'Add a', { 'a.txt': 'a\n' });
  onMain([first, second], { isReverted: true });
  const both = [2, ['Add returns', 'Change returns']];
  expect(await notes()).toEqual({ skipped: both, undone: both });
});

test('a branch of which main has undone all has nothing to land, and says what it was', async () => {
  onMain([commit('feature', 'Add returns', { 'returns.txt': 'one\n' }, 'main')], { isReverted: true });
  expect(await notes()).toEqual({ skipped: [1, ['Add returns']], undone: [1, ['Add returns']] });
});

test('what a merge brings back that main has undone is named', async () => {
  const picked = commit('feature', 'Add returns', { 'returns.txt': 'one\n' }, 'main');
  commit('side', 'Add b', { 'b.txt': 'b\n' }, 'main');
  bed.git(['switch', '--quiet', 'feature']);
  bed.git(['merge', '--quiet', '--no-edit', '--no-ff', 'side']);
  bring('feature');
  onMain([picked], { isReverted: true });
  expect(await notes()).toEqual({ returning: [1, ['Add returns']] });
});

test('of many, the first are named and all are counted', async () => {
  const picked = Array.from({ length: 7 }, (_, index) =>
    commit('feature', `Add ${index}`, { [`${index}.txt`]: 'x\n' }, ...(index === 0 ? ['main'] : [])),
  );
  commit('feature', 'Add a', { 'a.txt': 'a\n' });
  onMain(picked, { isReverted: false });
  expect(await notes()).toEqual({ skipped: [7, ['Add 0', 'Add 1', 'Add 2', 'Add 3', 'Add 4']] });
});
