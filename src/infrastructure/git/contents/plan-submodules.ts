import { holdsCredentials, withoutSecrets } from '../../../application/secrets';
import type { Git } from '../command/git-command';
import { shownPath } from '../fetching/tree-faults';
import { submodulesIn, type Submodule } from './gitmodules';
import { sourceOf, type Found, type Sources } from './submodule-sources';
import { treeContents, type TreeContents } from './tree-contents';

/** What becomes of the folders that a commit leaves to other repositories. */
export interface SubmodulePlan {
  readonly filled: readonly { readonly submodule: Submodule; readonly found: Found }[];
  /** Paths of those that stay empty, byte by byte (latin1). */
  readonly empty: readonly string[];
  /** Why a run of the commit would say nothing about it, a line each; empty where it may run. */
  readonly faults: readonly string[];
}

/** More of them keep a run from beginning before its time is up. */
const MOST_SUBMODULES = 500;
const NOTHING: SubmodulePlan = { filled: [], empty: [], faults: [] };

/**
 * Finds the content of each submodule, as far as the operator allows it. A folder whose content is not allowed stays empty,
 * unless the branch is about it: then a run without it would prove nothing.
 *
 * @param cwd a repository that has both commits, and no objects of a submodule.
 */
export async function planSubmodules(
  git: Git,
  cwd: string,
  { oid, baseOid, contents, sources }: { oid: string; baseOid: string; contents: TreeContents; sources: Sources },
): Promise<SubmodulePlan> {
  const all = await submodulesIn(git, cwd, contents);
  if (all.length === 0) return NOTHING;
  if (all.length > MOST_SUBMODULES)
    return { ...NOTHING, faults: [`expected at most ${MOST_SUBMODULES} submodules, saw ${all.length}; use fewer`] };
  const filled: { submodule: Submodule; found: Found }[] = [];
  const empty: Submodule[] = [];
  const faults: string[] = [];
  for (const submodule of all) {
    const found = await sourceOf(git, cwd, submodule, sources);
    if (found === null) empty.push(submodule);
    else if (typeof found === 'string') faults.push(found);
    else filled.push({ submodule, found });
  }
  const changed = await changedAmong(git, cwd, { oid, baseOid, submodules: empty });
  return { filled, empty: empty.map(({ path }) => path), faults: [...faults, ...changed.map(faultOf)] };
}

/** Those that are neither as main has them nor as they were where the branch began. */
async function changedAmong(
  git: Git,
  cwd: string,
  { oid, baseOid, submodules }: { oid: string; baseOid: string; submodules: readonly Submodule[] },
): Promise<readonly Submodule[]> {
  if (submodules.length === 0 || oid === baseOid) return [];
  const onMain = await othersThan(git, cwd, baseOid, submodules);
  if (onMain.length === 0) return [];
  const { stdout: fork } = await git.run(['merge-base', baseOid, oid], { cwd, answers: [0, 1] });
  return fork === '' || fork === baseOid ? onMain : othersThan(git, cwd, fork, onMain);
}

async function othersThan(
  git: Git,
  cwd: string,
  commit: string,
  submodules: readonly Submodule[],
): Promise<readonly Submodule[]> {
  const there = await submodulesIn(git, cwd, await treeContents(git, cwd, commit));
  const known = new Map(there.map((one) => [one.path, one]));
  return submodules.filter(({ path, oid, url }) => known.get(path)?.oid !== oid || known.get(path)?.url !== url);
}

function faultOf({ path, url }: Submodule): string {
  const about = `${shownPath(path)}: expected the content of the submodule, which the branch changes`;
  if (url === null) return `${about}, .gitmodules has no path and URL for it; add them, or take the folder out`;
  const shownUrl = holdsCredentials(url) ? withoutSecrets(url) : url;
  return `${about}, its source ${JSON.stringify(shownUrl)} is not allowed; map it to a clone on this machine`;
}
