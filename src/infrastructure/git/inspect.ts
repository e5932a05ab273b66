import { stat } from 'node:fs/promises';
import { GitError, type RepositoryFacts, type RepositoryRef } from '../../application/ports/git-workspace';
import { Git } from './git-command';
import { branchRef } from './names';
import { refFacts, withFiles } from './ref-facts';
import { unsupportedFeatures } from './unsupported-features';

/** Reads only, and runs nothing that the repository configures. */
export async function inspectRepository(repository: RepositoryRef, branch: string): Promise<RepositoryFacts> {
  const { path, main } = repository;
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new GitError('GIT_NOT_A_REPOSITORY', `${path}: expected a git repository, saw no folder; name one`);
  const git = new Git();
  const gitDir = await git.text(['rev-parse', '--path-format=absolute', '--git-common-dir'], { cwd: path });
  const refs = await refFacts(git, path, [branchRef(main), branchRef(branch)]);
  const [base, head] = [refs.get(branchRef(main)), refs.get(branchRef(branch))];
  return {
    gitDir,
    mainOid: base?.oid ?? null,
    branchOid: head?.oid ?? null,
    mainCheckedOutAt: await withFiles(git, path, base?.worktree ?? null),
    branchDirtyAt: head?.worktree && head.worktree !== gitDir ? await ifDirty(git, head.worktree) : null,
    unsupported: head ? await unsupportedFeatures(git, path, head.oid) : [],
  };
}

async function ifDirty(git: Git, worktree: string): Promise<string | null> {
  // Comparing contents runs the clean filters of the repository's configuration; without them the bytes are compared.
  const query = ['config', '--null', '--name-only', '--get-regexp', '^filter\\.'];
  const { stdout } = await git.run(query, { cwd: worktree, answers: [0, 1] });
  const settings = Object.fromEntries(stdout.split('\0').filter(Boolean).map(disabled));
  const args = ['status', '--porcelain', '--untracked-files=no', '--ignore-submodules=all'];
  return (await git.text(args, { cwd: worktree, settings })) === '' ? null : worktree;
}

function disabled(name: string): [string, string] {
  return [name, name.endsWith('.required') ? 'false' : ''];
}
