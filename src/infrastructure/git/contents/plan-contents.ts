import { GitError } from '../../../application/ports/git-workspace';
import type { Git } from '../command/git-command';
import { lfsFilesIn, type LfsFile } from './lfs-files';
import { lfsFault } from './lfs-store';
import { planSubmodules, type SubmodulePlan } from './plan-submodules';
import type { Sources } from './submodule-sources';
import type { TreeCache } from './tree-contents';

/** What a checkout of a commit needs beside its objects. */
export interface ContentPlan {
  readonly submodules: SubmodulePlan;
  readonly sources: Sources;
  readonly lfs: { readonly files: readonly LfsFile[]; readonly store: string };
}

export interface ContentQuestion {
  /** Git directory with both commits, and no objects of a submodule. */
  readonly gitDir: string;
  readonly oid: string;
  readonly baseOid: string;
  /** What is known of commits in there. */
  readonly trees: TreeCache;
  readonly sources: Sources;
  /** A folder that may be made and written to. */
  readonly scratch: string;
  /** Where Git LFS keeps what the commit's pointers name. Asked only where there are some. */
  readonly store: () => Promise<string>;
}

/**
 * A suite that finds a folder empty that the branch is about, or pointers in place of files, fails or passes for a reason
 * that is none of the change's.
 *
 * @throws GitError GIT_UNSUPPORTED where it would.
 */
export async function planContents(
  git: Git,
  { gitDir, oid, baseOid, trees, sources, scratch, store: storeOf }: ContentQuestion,
): Promise<ContentPlan> {
  const contents = await trees.of(git, gitDir, oid);
  const submodules = await planSubmodules(git, gitDir, { oid, baseOid, contents, sources });
  const files = await lfsFilesIn(git, { gitDir, scratch }, { oid, contents });
  const store = files.length === 0 ? '' : await storeOf();
  const fault = submodules.faults[0] ?? (await lfsFault(git, scratch, files, store));
  if (fault !== null) throw new GitError('GIT_UNSUPPORTED', fault);
  return { submodules, sources, lfs: { files, store } };
}
