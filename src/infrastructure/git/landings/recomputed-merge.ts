import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GitError } from '../../../application/ports/git-workspace';
import type { Landing } from '../../../domain/landings/landing';
import type { MergeDifference } from '../../../domain/landings/merge-differences';
import { withinSentence } from '../../../domain/within-sentence';
import type { Git } from '../command/git-command';
import { SETTINGS, readable } from '../reverts/changes-text';

const OID = /^[0-9a-f]{40,64}$/;

/** How a merge compares with what git makes of its parents. */
export interface RecomputedMerge {
  readonly hasConflicts: boolean;
  /** Of files that were not in conflict. */
  readonly differences: readonly MergeDifference[];
}

/** Ways in which people let git merge that give other trees; a file is honest if any of them explains it. */
const VARIANTS: readonly (readonly string[])[] = [
  ['-c', 'merge.directoryRenames=false'],
  ['-c', 'merge.directoryRenames=true'],
  ['-c', 'merge.renames=false'],
];

/** Makes the merge once more and compares. @param cwd a repository of our own; what git makes is removed again. */
export async function recomputedMerge(git: Git, cwd: string, landing: Landing): Promise<RecomputedMerge> {
  const scratch = join(cwd, `merge-${landing.oid}`);
  await mkdir(scratch);
  try {
    return await new Recomputation(git, cwd, landing, scratch).compare();
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

class Recomputation {
  private readonly main: string;
  private readonly branch: string;

  constructor(
    private readonly git: Git,
    private readonly cwd: string,
    private readonly landing: Landing,
    private readonly scratch: string,
  ) {
    [this.main = '', this.branch = ''] = landing.parents;
  }

  async compare(): Promise<RecomputedMerge> {
    const usual = await this.mergedBy([]);
    const hasConflicts = usual.conflicts.length > 0;
    let left = await this.unexplainedBy(usual);
    for (const variant of left.length > 0 ? VARIANTS : []) {
      const found = new Set(await this.unexplainedBy(await this.mergedBy(variant)));
      left = left.filter((path) => found.has(path));
    }
    const paths = await this.withoutOwnDriver(left);
    if (paths.length === 0) return { hasConflicts, differences: [] };
    const { oid } = this.landing;
    const unlikeMain = new Set(await this.differing(this.main, oid));
    const unlikeBranch = new Set(await this.differing(this.branch, oid));
    const differences = paths.map((path) => {
      return { path, isAsMain: !unlikeMain.has(path), isAsBranch: !unlikeBranch.has(path) };
    });
    return { hasConflicts, differences };
  }

  private async mergedBy(variant: readonly string[]) {
    const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', '--allow-unrelated-histories'];
    // Nobody needs these objects after a crash.
    const settings = ['-c', 'core.fsync=none', ...variant];
    const { stdout, stderr, exitCode } = await this.git.run([...settings, ...args, this.main, this.branch], {
      ...this.options(),
      answers: [0, 1],
    });
    const [tree = '', ...paths] = stdout.split('\0');
    if (!OID.test(tree)) throw new GitError('GIT_FAILED', `git merge-tree: ${withinSentence(stderr.slice(0, 300))}`);
    return { tree, conflicts: exitCode === 0 ? [] : paths.filter(Boolean).map(readable) };
  }

  private async unexplainedBy({ tree, conflicts }: { readonly tree: string; readonly conflicts: readonly string[] }) {
    if (tree === this.landing.treeOid) return [];
    const paths = await this.differing(tree, this.landing.treeOid);
    return paths.filter((path) => !isInConflict(path, conflicts));
  }

  /** Paths at which two trees have other content or another mode. */
  private async differing(one: string, other: string): Promise<readonly string[]> {
    const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--ignore-submodules=none', one, other];
    return (await this.git.text(args, this.options())).split('\0').filter(Boolean).map(readable);
  }

  /** Files whose attributes say how they are merged: what that program makes of them nobody knows here. */
  private async withoutOwnDriver(paths: readonly string[]): Promise<readonly string[]> {
    if (paths.length === 0) return paths;
    const variables = { ...this.options().variables, GIT_INDEX_FILE: join(this.scratch, 'index') };
    await this.git.run(['read-tree', this.main], { cwd: this.cwd, variables });
    const input = paths.map((path) => `${path}\0`).join('');
    const args = ['check-attr', '--cached', '-z', '--stdin', 'merge'];
    const fields = (await this.git.text(args, { cwd: this.cwd, variables, input })).split('\0');
    const own = new Set<string>();
    for (let at = 0; at + 2 < fields.length; at += 3)
      if (!USUAL_DRIVERS.includes(fields[at + 2] ?? '')) own.add(fields[at] ?? '');
    return paths.filter((path) => !own.has(path));
  }

  private options() {
    const variables = {
      GIT_OBJECT_DIRECTORY: this.scratch,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(join(this.cwd, 'objects')),
    };
    return { cwd: this.cwd, encoding: 'latin1', settings: SETTINGS, variables } as const;
  }
}

const USUAL_DRIVERS = ['unspecified', 'set', 'text'];

/** Git puts a file that cannot stay where it was beside it, as `name~side`. */
function isInConflict(path: string, conflicts: readonly string[]): boolean {
  return conflicts.some((each) => path === each || path.startsWith(`${each}~`) || path.startsWith(`${each}/`));
}
