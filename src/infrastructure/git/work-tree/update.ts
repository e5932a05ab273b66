import { existsSync, rmSync } from 'node:fs';
import { GitError } from '../../../application/ports/git-workspace';
import { listed } from '../../../domain/task/words/seen-words';
import type { Followed } from '../../../domain/task/task.events';
import { failpoint } from '../../../application/failpoint';
import { removeWritten } from './expected-files';
import { copyAsOld, copyIndex, IndexLock } from './index-file';
import { folderOf, ownIndexOf, removeMarker, type Marker } from './marker';
import { entriesIn, obstaclesIn, type Obstacle } from './obstacles';
import { shown, statOf } from './paths';
import { isSame, touchedBetween, type Touched } from './touched';
import type { Gits } from './work-trees';

/** Makes sure that nothing of a person's is in the way. The index has to be locked. @throws GitError GIT_FILES_IN_THE_WAY */
export async function requireFreeWay(git: Gits, marker: Marker): Promise<void> {
  const { tree, base, next } = marker;
  const touched = await touchedBetween(git.isolated, tree.root, base, next);
  const found = await onCopy(marker, (copy) => obstaclesIn(git, tree, copy, touched));
  if (found.length > 0) throw inTheWay(marker, listed(found.map(({ what }) => what)).join(', '));
  // Whatever else git minds: it is asked before anything has moved.
  await onCopy(marker, async (copy) => {
    await refresh(git, marker, copy);
    const refused = await readTree(git, marker, copy, ['-n', '-m', '-u']);
    if (refused !== null) throw inTheWay(marker, refused);
  });
}

/** What is not as it has landed; `fault`: because git could not write it, in its words. */
export type Rest = Pick<Followed, 'left' | 'fault'>;

/** Brings files and index from where main was to where it is; the lock is gone when it returns. */
export async function updateFiles(git: Gits, marker: Marker): Promise<Rest> {
  const index = ownIndexOf(marker);
  copyIndex(marker.tree.gitDir, index);
  await refresh(git, marker, index);
  const refused = await readTree(git, marker, index, ['-m', '-u']);
  if (refused !== null) return finishFiles(git, marker);
  await commitIndex(marker);
  return { left: [] };
}

/** As `updateFiles`, from wherever a kill has left it: what is a person's stays, and is named. */
export async function finishFiles(git: Gits, marker: Marker): Promise<Rest> {
  const { tree, base, next } = marker;
  const index = ownIndexOf(marker);
  const touched = await touchedBetween(git.isolated, tree.root, base, next);
  await removeWritten(git, marker, touched.filter(await isUnlikeIndex(git, marker)));
  const theirs = await onCopy(marker, (copy) => obstaclesIn(git, tree, copy, touched, true));
  copyIndex(tree.gitDir, index);
  await refresh(git, marker, index);
  const kept = touchedBy(theirs, touched);
  await takeAsLanded(git, marker, index, kept);
  const from = kept.length === 0 ? base : await treeWith(git, marker, kept);
  const refused = await readTree(git, { ...marker, base: from }, index, ['-m', '-u']);
  if (refused === null) {
    await commitIndex(marker);
    return { left: theirs.map(({ path }) => shown(path)) };
  }
  // The index at least: a commit of it must not take back what has landed.
  copyIndex(tree.gitDir, index);
  await takeAsLanded(git, marker, index, touched);
  await refresh(git, marker, index);
  const unlike = touched.filter(await isUnlikeIndex(git, marker, index));
  await commitIndex(marker);
  return { left: unlike.map(({ path }) => shown(path)), fault: refused };
}

/** The lock that belongs to a marker. */
export function lockOf(marker: Marker): IndexLock {
  return new IndexLock(marker.tree.gitDir, folderOf(marker.tree.gitDir), marker);
}

/** True when every touched path of the index is as it was before the landing or as it is after it. */
export async function indexStands(git: Gits, { tree, base, next }: Marker): Promise<'before' | 'after' | 'elsewhere'> {
  const touched = await touchedBetween(git.isolated, tree.root, base, next);
  const at = { cwd: tree.root, variables: {}, encoding: 'latin1' } as const;
  const { entries } = await entriesIn(git.isolated, at);
  const entryOf = ({ path }: Touched) => entries.get(path) ?? null;
  if (touched.every((one) => isSame(entryOf(one), one.after))) return 'after';
  return touched.every((one) => isSame(entryOf(one), one.before) || isSame(entryOf(one), one.after))
    ? 'before'
    : 'elsewhere';
}

async function commitIndex(marker: Marker): Promise<void> {
  await failpoint('land.beforeIndex');
  lockOf(marker).commit(ownIndexOf(marker));
  await failpoint('land.afterIndex');
  removeMarker(marker);
}

/** git as in a fast-forward. @returns what it said when it would not; its own words name what it minds. */
async function readTree(
  git: Gits,
  { tree, base, next }: Marker,
  index: string,
  options: readonly string[],
): Promise<string | null> {
  const at = { cwd: tree.root, variables: { GIT_INDEX_FILE: index }, answers: [0, 1, 128] };
  const { exitCode, stderr } = await git.ofUser.run(['read-tree', ...options, base, next], at);
  return exitCode === 0 ? null : (stderr.split('\n')[0] ?? '').slice(0, 300);
}

async function refresh(git: Gits, { tree }: Marker, index: string): Promise<void> {
  const at = { cwd: tree.root, variables: { GIT_INDEX_FILE: index }, answers: [0, 1] };
  await git.ofUser.run(['update-index', '-q', '--refresh'], at);
}

/** Writes entries of the index as they have landed, and leaves the files alone. */
async function takeAsLanded(
  git: Gits,
  { tree, base }: Marker,
  index: string,
  paths: readonly Touched[],
): Promise<void> {
  if (paths.length === 0) return;
  const gone = paths.map(({ path }) => `0 ${'0'.repeat(base.length)}\t${path}\0`);
  const lines = paths.flatMap(({ path, after }) => (after ? [`${after.mode} ${after.oid}\t${path}\0`] : []));
  const input = Buffer.from([...gone, ...lines].join(''), 'latin1');
  const variables = { GIT_INDEX_FILE: index };
  await git.isolated.run(['update-index', '--replace', '-z', '--index-info'], { cwd: tree.root, variables, input });
}

/** The tree of before, with these paths as they have landed: on the way from there git has no business with them. */
function treeWith(git: Gits, marker: Marker, paths: readonly Touched[]): Promise<string> {
  return onCopy(marker, async (copy) => {
    const at = { cwd: marker.tree.root, variables: { GIT_INDEX_FILE: copy } };
    await git.isolated.run(['read-tree', marker.base], at);
    await takeAsLanded(git, marker, copy, paths);
    return git.isolated.text(['write-tree'], at);
  });
}

function touchedBy(theirs: readonly Obstacle[], touched: readonly Touched[]): readonly Touched[] {
  const paths = new Set(theirs.map(({ path }) => path));
  return touched.filter(({ path }) => paths.has(path));
}

/** Which of the touched paths hold something else than an index says, the one of the work tree by default. */
async function isUnlikeIndex(git: Gits, marker: Marker, index?: string): Promise<(one: Touched) => boolean> {
  return onCopy(marker, async (copy) => {
    if (index !== undefined) copyAsOld(index, copy);
    const at = { cwd: marker.tree.root, variables: { GIT_INDEX_FILE: copy }, encoding: 'latin1' } as const;
    await git.ofUser.run(['update-index', '-q', '--really-refresh'], { ...at, answers: [0, 1] });
    const args = ['diff-files', '-z', '--name-only', '--ignore-submodules=all'];
    const dirty = new Set((await git.ofUser.text(args, at)).split('\0'));
    const { entries } = await entriesIn(git.isolated, at);
    return ({ path }) => dirty.has(path) || (!entries.has(path) && statOf(marker.tree.root, path) !== null);
  });
}

/** Asking spoils the flags of an index. */
async function onCopy<T>(marker: Marker, work: (copy: string) => Promise<T>): Promise<T> {
  const copy = `${ownIndexOf(marker)}-copy`;
  copyIndex(marker.tree.gitDir, copy);
  try {
    return await work(copy);
  } finally {
    for (const path of [copy, `${copy}.lock`]) if (existsSync(path)) rmSync(path);
  }
}

function inTheWay({ tree }: Marker, what: string): GitError {
  const text = `${tree.root}: expected no change of yours where the landing writes, saw ${what}; commit, stash or move it`;
  return new GitError('GIT_FILES_IN_THE_WAY', text);
}
