import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GitError } from '../../../application/ports/git-workspace';
import type { Git } from '../command/git-command';
import { fillFromObjects } from '../run-clone/run-clone';
import { shownPath } from '../fetching/tree-faults';
import { fillLfs } from './fill-lfs';
import { storeIn } from './lfs-store';
import { planContents, type ContentPlan } from './plan-contents';
import { TreeCache } from './tree-contents';

/** Submodules of submodules; each level is a repository that somebody else writes. */
const MOST_LEVELS = 5;

/**
 * Puts into a clone what its commit leaves to others: what Git LFS keeps, and of each submodule whose content is at hand a
 * repository of its own, with its commit checked out, and of what is in there in turn.
 *
 * @param dir the checked-out commit.
 * @returns paths of the folders that stay empty, from the first commit's point of view, byte by byte (latin1).
 */
export async function fillContents(
  git: Git,
  { dir, plan, scratch }: { dir: string; plan: ContentPlan; scratch: string },
  level = 1,
): Promise<readonly string[]> {
  const { submodules, sources, lfs } = plan;
  await fillLfs(git, { dir, ...lfs });
  const empty = [...submodules.empty];
  for (const { submodule, found } of submodules.filled) {
    const { path, oid } = submodule;
    if (level > MOST_LEVELS) {
      empty.push(path);
      continue;
    }
    const cwd = await folderOf(dir, path);
    await fillFromObjects(git, { cwd, oid, objects: found.objects });
    const inner = await planContents(git, {
      // Whoever moves the pointer answers for what is in there.
      ...{ gitDir: join(cwd, '.git'), oid, baseOid: oid, scratch },
      trees: new TreeCache(),
      sources: { ...sources, modules: found.modules },
      store: () => Promise.resolve(storeIn(dirname(found.objects))),
    }).catch((error: unknown) => {
      throw within(path, error);
    });
    const below = await fillContents(git, { dir: cwd, plan: inner, scratch }, level + 1);
    empty.push(...below.map((one) => `${path}/${one}`));
  }
  return empty;
}

function within(path: string, error: unknown): unknown {
  if (!(error instanceof GitError) || error.code !== 'GIT_UNSUPPORTED') return error;
  return new GitError(error.code, `in ${shownPath(path)}: ${error.message}`);
}

/** The checkout has made it. What lies elsewhere, by a link on the way to it, is none of the run's. */
async function folderOf(dir: string, path: string): Promise<string> {
  const folder = join(await realpath(dir), Buffer.from(path, 'latin1').toString('utf8'));
  const real = await realpath(folder).catch(() => null);
  if (real === folder) return folder;
  throw new GitError('GIT_UNSUPPORTED', `${shownPath(path)}: expected a folder for the submodule, saw none; rename it`);
}
