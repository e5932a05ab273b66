import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { GitError } from '../../../application/ports/git-workspace';
import type { Git } from '../git-command';
import { fillFromObjects } from '../run-clone';
import { shownPath } from '../tree-faults';
import { planSubmodules, type SubmodulePlan } from './plan-submodules';
import type { Sources } from './submodule-sources';
import { treeContents } from './tree-contents';

/** Submodules of submodules; each level is a repository that somebody else writes. */
const MOST_LEVELS = 5;

/**
 * Makes a repository of its own of each submodule whose content is at hand, with its commit checked out, and of what is in
 * there in turn.
 *
 * @param dir the checked-out commit.
 * @returns paths of the folders that stay empty, from the first commit's point of view, byte by byte (latin1).
 */
export async function fillSubmodules(
  git: Git,
  { dir, plan, sources }: { dir: string; plan: SubmodulePlan; sources: Sources },
  level = 1,
): Promise<readonly string[]> {
  const empty = [...plan.empty];
  for (const { submodule, found } of plan.filled) {
    const { path, oid } = submodule;
    if (level > MOST_LEVELS) {
      empty.push(path);
      continue;
    }
    const cwd = await folderOf(dir, path);
    await fillFromObjects(git, { cwd, oid, objects: found.objects });
    const contents = await treeContents(git, cwd, oid);
    const inner: Sources = { ...sources, modules: found.modules };
    // Whoever moves the pointer answers for what is in there.
    const innerPlan = await planSubmodules(git, cwd, { oid, baseOid: oid, contents, sources: inner });
    const [fault] = innerPlan.faults;
    if (fault !== undefined) throw new GitError('GIT_UNSUPPORTED', `in ${shownPath(path)}: ${fault}`);
    const below = await fillSubmodules(git, { dir: cwd, plan: innerPlan, sources: inner }, level + 1);
    empty.push(...below.map((one) => `${path}/${one}`));
  }
  return empty;
}

/** The checkout has made it. What lies elsewhere, by a link on the way to it, is none of the run's. */
async function folderOf(dir: string, path: string): Promise<string> {
  const folder = join(await realpath(dir), Buffer.from(path, 'latin1').toString('utf8'));
  const real = await realpath(folder).catch(() => null);
  if (real === folder) return folder;
  throw new GitError('GIT_UNSUPPORTED', `${shownPath(path)}: expected a folder for the submodule, saw none; rename it`);
}
