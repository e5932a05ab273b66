import { BranchUnusable, GitError } from '../../../application/ports/git-workspace';
import { batchOf, sizesOf, textsOf } from '../command/blobs';
import type { Change } from '../rebase/branch-changes';
import type { Git } from '../command/git-command';
import { together } from '../../../application/together';
import { submodulesIn } from '../contents/gitmodules';
import { contentsIn, type TreeCache } from '../contents/tree-contents';
import {
  entriesOf,
  faultIn,
  faultOfLink,
  gitlinksIn,
  isSuspect,
  linksIn,
  shownPath,
  type TreeEntry,
} from './tree-faults';

/** Commits before a head of which a rebase is explained; a longer branch keeps git's own words. */
const MOST_COMMITS = 500;

/** What a check is about, in the own clone. */
export interface Checked {
  readonly branch: string;
  readonly headOid: string;
  readonly baseOid: string;
}

/**
 * Makes sure that the head can be checked out as it is. What main itself has wrong is no fault of the branch.
 *
 * @param trees is told of both.
 * @throws BranchUnusable, or GitError GIT_MAIN_UNUSABLE.
 */
export async function refuseUnusableTree(
  git: Git,
  cwd: string,
  { branch, headOid, baseOid }: Checked,
  trees: TreeCache,
): Promise<void> {
  const [entries, known] = await together(entriesIn(git, cwd, headOid), entriesIn(git, cwd, baseOid));
  trees.note(headOid, contentsIn(entries));
  trees.note(baseOid, contentsIn(known));
  const fault =
    (await entriesFault(git, cwd, entries)) ??
    (await untoldFault(git, cwd, entries, known)) ??
    (await kindFault(git, cwd, entries, known));
  if (fault === null) return;
  if ((await entriesFault(git, cwd, known)) !== null)
    throw new GitError('GIT_MAIN_UNUSABLE', `main at ${short(baseOid)}: ${expected(fault)}; correct main first`);
  throw unusable(branch, headOid, fault);
}

/**
 * Finds out why a rebase stopped that met no conflict: git's words for it depend on where it stopped.
 *
 * @returns null when no commit of the branch is the reason.
 */
export async function faultOfCommits(
  git: Git,
  cwd: string,
  { branch, headOid, baseOid }: Checked,
): Promise<Error | null> {
  const args = ['rev-list', '--reverse', `--max-count=${MOST_COMMITS}`, `${baseOid}..${headOid}`];
  const known = await entriesIn(git, cwd, baseOid);
  for (const oid of (await git.text(args, { cwd })).split('\n').filter(Boolean)) {
    const fault = (await commitFault(git, cwd, oid)) ?? (await treeFault(git, cwd, oid, known));
    if (fault !== null) return unusable(branch, headOid, `in commit ${short(oid)} ${fault}`);
  }
  return null;
}

/**
 * Makes sure that no commit of the branch brings what only a later one removes: it would be on main, where nobody could
 * check it out.
 *
 * @param changes of all of them; one look at them says whether a closer one is needed.
 * @throws BranchUnusable
 */
export async function refuseUnusableCommits(
  git: Git,
  cwd: string,
  checked: Checked,
  changes: readonly Change[],
): Promise<void> {
  const isOdd = changes.some(({ mode, path }) => isSuspect(mode, path));
  const fault = isOdd ? await faultOfCommits(git, cwd, checked) : null;
  if (fault) throw fault;
}

export function unrelated(branch: string, headOid: string): BranchUnusable {
  const text = `${branch} at ${short(headOid)}: expected a commit in common with main, saw none; rebase it onto main`;
  return new BranchUnusable('unrelated-history', headOid, text);
}

export function unusable(branch: string, headOid: string, fault: string): BranchUnusable {
  const text = `${branch} at ${short(headOid)}: ${expected(fault)}; correct it in every commit of the branch`;
  return new BranchUnusable('unusable-branch', headOid, text);
}

async function treeFault(git: Git, cwd: string, commit: string, known: readonly TreeEntry[]): Promise<string | null> {
  const entries = await entriesIn(git, cwd, commit);
  return (await entriesFault(git, cwd, entries)) ?? untoldFault(git, cwd, entries, known);
}

async function entriesIn(git: Git, cwd: string, commit: string): Promise<readonly TreeEntry[]> {
  const args = ['ls-tree', '-r', '-t', '-z', '--full-tree', commit];
  return entriesOf(await git.text(args, { cwd, encoding: 'latin1' }));
}

async function entriesFault(git: Git, cwd: string, entries: readonly TreeEntry[]): Promise<string | null> {
  return faultIn(entries) ?? (await linkFault(git, cwd, linksIn(entries)));
}

/** A repository that was added within the repository: nobody can tell where its content is. What main has is main's. */
async function untoldFault(
  git: Git,
  cwd: string,
  entries: readonly TreeEntry[],
  ofMain: readonly TreeEntry[],
): Promise<string | null> {
  const known = new Set(gitlinksIn(ofMain).map(({ path }) => path));
  const gitlinks = gitlinksIn(entries).filter(({ path }) => !known.has(path));
  const modulesOid = entries.find(({ path, kind }) => path === '.gitmodules' && kind === 'blob')?.oid ?? null;
  const untold = (await submodulesIn(git, cwd, { gitlinks, modulesOid })).find(({ url }) => url === null);
  return untold ? `${shownPath(untold.path)}, a commit of another repository without a URL in .gitmodules` : null;
}

/** What an entry names has to be of the kind that it says. Asked for what main does not have: that was asked once. */
async function kindFault(
  git: Git,
  cwd: string,
  entries: readonly TreeEntry[],
  ofMain: readonly TreeEntry[],
): Promise<string | null> {
  const known = new Set(ofMain.map(({ oid }) => oid));
  const files = entries.filter(({ kind, oid }) => kind === 'blob' && !known.has(oid));
  if (files.length === 0) return null;
  const kinds = (await batchOf(git, cwd, '%(objecttype)', files)).split('\n');
  const wrong = files.find((_file, index) => kinds[index] === 'tree' || kinds[index] === 'commit');
  return wrong === undefined ? null : `${shownPath(wrong.path)} as a file, where its object is none`;
}

async function linkFault(git: Git, cwd: string, links: readonly TreeEntry[]): Promise<string | null> {
  if (links.length === 0) return null;
  const sizes = await sizesOf(git, cwd, links);
  for (const [index, { path }] of links.entries()) {
    const fault = faultOfLink(path, { bytes: sizes[index] ?? 0, text: '' });
    if (fault !== null) return fault;
  }
  // Each of them is short, so all of them can be read.
  const texts = await textsOf(git, cwd, links);
  const faults = links.map(({ path }, index) =>
    faultOfLink(path, { bytes: sizes[index] ?? 0, text: texts[index] ?? '' }),
  );
  return faults.find((fault) => fault !== null) ?? null;
}

/** Who wrote it has to stand in a commit that is to be made again. */
async function commitFault(git: Git, cwd: string, oid: string): Promise<string | null> {
  const [header = ''] = (await git.text(['cat-file', 'commit', oid], { cwd })).split('\n\n', 1);
  return /^author \S/m.test(header) ? null : 'no author';
}

function expected(fault: string): string {
  return `expected commits that git can check out, saw ${fault}`;
}

function short(oid: string): string {
  return oid.slice(0, 12);
}
