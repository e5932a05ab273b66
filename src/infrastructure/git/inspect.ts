import { together } from '../../application/together';
import type { RepositoryFacts, RepositoryRef } from '../../application/ports/git-workspace';
import { expectFolder, placeOf } from './command/common-dir';
import { Git } from './command/git-command';
import { branchRef } from './command/names';
import { refFacts } from './landing/ref-facts';
import { filesOfMain } from './work-tree/work-trees';
import { withoutFilters } from './command/without-filters';
import { contentFacts } from './contents/content-facts';

/** Reads only, and runs nothing that the repository configures. */
export async function inspectRepository(repository: RepositoryRef, branch: string): Promise<RepositoryFacts> {
  const { path, main } = repository;
  await expectFolder(path);
  const git = new Git();
  const place = await placeOf(git, path);
  const { commonDir: gitDir, isShallow } = place;
  const [refs, files, isWithoutBlobs] = await together(
    refFacts(git, path, [branchRef(main), branchRef(branch)]),
    filesOfMain(git, repository, place),
    isPartial(git, path),
  );
  const [base, head] = [refs.get(branchRef(main)), refs.get(branchRef(branch))];
  const [isUnrelated, branchDirtyAt, contents] = await together(
    base && head ? areUnrelated(git, path, base.oid, head.oid) : Promise.resolve(false),
    head?.worktree && head.worktree !== gitDir ? ifDirty(git, head.worktree) : Promise.resolve(null),
    contentFacts(git, repository, gitDir, { base: base?.oid, head: head?.oid }),
  );
  return {
    gitDir,
    mainOid: base?.oid ?? null,
    branchOid: head?.oid ?? null,
    mainCheckedOutAt: files.kind === 'nowhere' ? null : files.at,
    cannotFollow: files.kind === 'nowhere' || files.kind === 'there' ? null : files.kind,
    incomplete: isShallow ? 'shallow' : isWithoutBlobs ? 'partial' : null,
    isUnrelated,
    branchDirtyAt,
    ...contents,
  };
}

/** Its objects are fetched when they are needed, from a server that only its owner can reach. */
async function isPartial(git: Git, cwd: string): Promise<boolean> {
  const query = ['config', '--get-regexp', String.raw`^(extensions\.partialclone|remote\..*\.promisor)$`];
  return (await git.run(query, { cwd, answers: [0, 1] })).exitCode === 0;
}

/** Not where git cannot tell, as in a history that is cut off: whatever is wrong there is said by another fact. */
async function areUnrelated(git: Git, cwd: string, base: string, head: string): Promise<boolean> {
  return (await git.run(['merge-base', base, head], { cwd, answers: [0, 1, 128] })).exitCode === 1;
}

async function ifDirty(git: Git, worktree: string): Promise<string | null> {
  const settings = await withoutFilters(git, worktree);
  const args = ['status', '--porcelain', '--untracked-files=no', '--ignore-submodules=all'];
  return (await git.text(args, { cwd: worktree, settings })) === '' ? null : worktree;
}
