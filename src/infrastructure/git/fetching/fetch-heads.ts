import { GitError, type FetchedHeads, type RepositoryRef } from '../../../application/ports/git-workspace';
import type { TaskId } from '../../../domain/ids';
import { unusable } from './branch-check';
import type { CloneView } from '../own-clone/clone-view';
import type { Git } from '../command/git-command';
import { branchRef, taskRef } from '../command/names';
import { headsOf } from '../landing/ref-facts';
import { pastStaleLocks } from '../own-clone/stale-locks';

export const FETCH_OPTIONS = [
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--no-auto-gc',
];

/** Main's commit and the branch's, with what the latter has checked out. */
export type Heads = Pick<FetchedHeads, 'headOid' | 'headTree' | 'baseOid'>;

/** Brings main and the task's branch in. */
export async function fetchHeads(
  { dir: cwd, clone, git }: CloneView,
  repository: RepositoryRef,
  { task, branch }: { task: TaskId; branch: string },
): Promise<Heads> {
  const [head, base] = [taskRef('in', task), taskRef('base', task)];
  const specs = [`+${branchRef(branch)}:${head}`, `+${branchRef(repository.main)}:${base}`];
  const args = ['fetch', ...FETCH_OPTIONS, '--end-of-options', repository.path, ...specs];
  await pastStaleLocks(clone, () => git.run(args, { cwd })).catch(async (error: unknown) => {
    const fault = malformedIn(error);
    if (fault !== null && (await isMainFine(git, repository, { cwd, base })))
      throw unusable(branch, (await headIn(git, repository, branch)) ?? '', fault);
    throw missingRef(error, branch, repository);
  });
  const heads = await baseAndHeadIn({ dir: cwd, git }, task);
  // Whoever writes refs by hand can let a branch name anything.
  if (heads.headTree === '') throw unusable(branch, heads.headOid, 'no commit at all');
  return heads;
}

/** How the two stand to each other. */
export async function comparedHeads(
  { dir: cwd, git }: Pick<CloneView, 'dir' | 'git'>,
  { headOid, baseOid }: Heads,
): Promise<Pick<FetchedHeads, 'containsBase' | 'alreadyInMain'>> {
  const counts = await git.text(['rev-list', '--left-right', '--count', `${baseOid}...${headOid}`], { cwd });
  const [onlyBase, onlyHead] = counts.split('\t').map(Number);
  return { containsBase: onlyBase === 0, alreadyInMain: onlyHead === 0 };
}

/** The commits that the last fetch for a task has brought; empty where there are none. */
export async function baseAndHeadIn({ dir: cwd, git }: Pick<CloneView, 'dir' | 'git'>, task: TaskId): Promise<Heads> {
  const [head, base] = [taskRef('in', task), taskRef('base', task)];
  const format = '--format=%(refname) %(objectname) %(tree)';
  const lines = (await git.text(['for-each-ref', format, head, base], { cwd }))
    .split('\n')
    .map((line) => line.split(' '));
  const [, headOid = '', headTree = ''] = lines.find(([name]) => name === head) ?? [];
  const [, baseOid = ''] = lines.find(([name]) => name === base) ?? [];
  return { headOid, headTree, baseOid };
}

/**
 * Objects that came by a push, whole and with the right digest, and are none that git can use. Those that are gone or
 * corrupt are the repository's damage, and nobody who writes another commit can help that.
 */
const MALFORMED =
  /(?:empty filename|malformed mode) in tree entry|too-short tree object|[0-9a-f]{40,64} (?:is a \w+, )?not a \w+|bogus commit object|unable to read 0{40,64}/i;

function malformedIn(error: unknown): string | null {
  if (!(error instanceof GitError) || error.code !== 'GIT_FAILED') return null;
  const found = MALFORMED.exec(error.message)?.[0];
  return found === undefined ? null : `an object that it cannot use (${found})`;
}

async function isMainFine(
  git: Git,
  { path, main }: RepositoryRef,
  { cwd, base }: { cwd: string; base: string },
): Promise<boolean> {
  const args = ['fetch', ...FETCH_OPTIONS, '--end-of-options', path, `+${branchRef(main)}:${base}`];
  return git.run(args, { cwd }).then(
    () => true,
    () => false,
  );
}

async function headIn(git: Git, { path }: RepositoryRef, branch: string): Promise<string | null> {
  return (await headsOf(git, path, [branch])).get(branch) ?? null;
}

function missingRef(error: unknown, branch: string, { main, path }: RepositoryRef): unknown {
  const missing = error instanceof GitError ? /couldn't find remote ref (\S+)/.exec(error.message)?.[1] : undefined;
  if (missing === branchRef(branch)) {
    const text = `expected a branch ${branch} in ${path}, saw none; push it or cancel the task`;
    return new GitError('GIT_BRANCH_MISSING', text);
  }
  if (missing === branchRef(main)) {
    const text = `expected a branch ${main} in ${path}, saw none; correct "main" of the project`;
    return new GitError('GIT_MAIN_MISSING', text);
  }
  return error;
}
