import { GitError, type RepositoryFacts, type RepositoryRef } from '../../application/ports/git-workspace';
import { stat } from 'node:fs/promises';
import type { Git } from './git-command';
import { branchRef } from './names';

interface RefFacts {
  readonly oid: string;
  readonly worktree: string | null;
}

/** What a person has to know before anything starts. Reads only. */
export async function inspect(git: Git, { path, main }: RepositoryRef, branch: string): Promise<RepositoryFacts> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new GitError('GIT_NOT_A_REPOSITORY', `${path}: expected a git repository, saw no folder; name one`);
  const args = ['rev-parse', '--path-format=absolute', '--git-common-dir', '--is-bare-repository'];
  const [gitDir = '', bare = ''] = (await git.text(args, { cwd: path })).split('\n');
  const refs = await refFacts(git, path, [branchRef(main), branchRef(branch)]);
  const branchFacts = refs.get(branchRef(branch)) ?? null;
  const worktreeOfMain = refs.get(branchRef(main))?.worktree ?? null;
  return {
    gitDir,
    mainOid: refs.get(branchRef(main))?.oid ?? null,
    branchOid: branchFacts?.oid ?? null,
    // A bare repository's HEAD names a branch too, but no files of it are anywhere.
    mainCheckedOutAt: bare === 'true' && worktreeOfMain === gitDir ? null : worktreeOfMain,
    branchDirtyAt: await dirtyWorktree(git, branchFacts, gitDir),
    unsupported: branchFacts ? await unsupported(git, path, branchFacts.oid) : [],
  };
}

/** Object and work tree of the refs that exist. */
export async function refFacts(
  git: Git,
  cwd: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, RefFacts>> {
  const format = '--format=%(refname) %(objectname) %(worktreepath)';
  const text = await git.text(['for-each-ref', format, ...names], { cwd });
  const found = text.split('\n').flatMap((line) => {
    const [name = '', oid = '', ...worktree] = line.split(' ');
    // A pattern matches what lies below it too.
    return names.includes(name) ? [[name, { oid, worktree: worktree.join(' ') || null }] as const] : [];
  });
  return new Map(found);
}

async function dirtyWorktree(git: Git, facts: RefFacts | null, gitDir: string): Promise<string | null> {
  if (!facts?.worktree || facts.worktree === gitDir) return null;
  const text = await git.text(['status', '--porcelain', '--untracked-files=no'], { cwd: facts.worktree });
  return text === '' ? null : facts.worktree;
}

async function unsupported(git: Git, cwd: string, oid: string): Promise<RepositoryFacts['unsupported']> {
  const tree = await git.text(['ls-tree', '-r', '--full-tree', oid], { cwd });
  const submodules = tree.split('\n').some((line) => line.startsWith('160000 '));
  const attributes = [
    'grep',
    '-l',
    '--fixed-strings',
    '-e',
    'filter=lfs',
    oid,
    '--',
    '.gitattributes',
    '*/.gitattributes',
  ];
  const { exitCode } = await git.run(attributes, { cwd, answers: [0, 1] });
  return [...(submodules ? (['submodules'] as const) : []), ...(exitCode === 0 ? (['lfs'] as const) : [])];
}
