import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RepositoryRef } from '../../../application/ports/git-workspace';
import { placeOf, type RepositoryPlace } from '../command/common-dir';
import type { Git } from '../command/git-command';
import { branchRef } from '../command/names';
import { resolvedRef } from '../landing/ref-facts';
import { together } from '../../../application/together';

/** git that asks, and git that writes files, or looks at them, as that of whoever runs us: with filters and line ends of that user. */
export interface Gits {
  readonly isolated: Git;
  readonly ofUser: Git;
}

/** The files of a branch: where they are, where git keeps their index, and the branch itself in full. */
export interface WorkTree {
  readonly root: string;
  readonly gitDir: string;
  readonly branch: string;
}

/**
 * Where main is checked out. `gone`: git keeps a note of a folder that is not there. `unknown`: a git directory that lies
 * apart does not say where its files are.
 */
export type MainsFiles =
  | { readonly kind: 'nowhere'; readonly commonDir: string }
  | { readonly kind: 'there'; readonly at: string; readonly tree: WorkTree }
  | { readonly kind: 'gone' | 'unknown' | 'several'; readonly at: string };

/** @param place of the repository, where that is known. */
export async function filesOfMain(
  git: Git,
  { path, main }: RepositoryRef,
  place?: RepositoryPlace,
): Promise<MainsFiles> {
  const { commonDir, isBare } = place ?? (await placeOf(git, path));
  if (isBare && gitDirsOf(commonDir).length === 1) return { kind: 'nowhere', commonDir };
  const [branch, listed] = await together(
    resolvedRef(git, path, branchRef(main)),
    git.text(['worktree', 'list', '--porcelain', '-z'], { cwd: path }),
  );
  const trees = listed.split('\0\0').map((entry) => entry.split('\0'));
  const holders = trees.filter((lines) => lines.includes(`branch ${branch}`)).map(([first = '']) => first.slice(9));
  const [at] = holders;
  if (at === undefined) return { kind: 'nowhere', commonDir };
  if (holders.length > 1) return { kind: 'several', at: holders.join(' and at ') };
  if (!existsSync(at)) return { kind: 'gone', at };
  const query = ['rev-parse', '--path-format=absolute', '--show-toplevel', '--git-dir'];
  const { exitCode, stdout } = await git.run(query, { cwd: at, answers: [0, 128] });
  const [root = '', gitDir = ''] = stdout.split('\n');
  return exitCode === 0 ? { kind: 'there', at: root, tree: { root, gitDir, branch } } : { kind: 'unknown', at };
}

/** Git directories of the work trees of a repository, its own first. */
export function gitDirsOf(commonDir: string): readonly string[] {
  const linked = join(commonDir, 'worktrees');
  const names = existsSync(linked) ? readdirSync(linked) : [];
  return [commonDir, ...names.map((name) => join(linked, name))];
}

const UNDER_WAY: Readonly<Record<string, string>> = {
  MERGE_HEAD: 'a merge',
  CHERRY_PICK_HEAD: 'a cherry-pick',
  REVERT_HEAD: 'a revert',
  'rebase-merge': 'a rebase',
  'rebase-apply': 'a rebase',
};

/** What a person has begun in a work tree and not ended; its next commit would be made of what was there before. */
export function underWayIn({ gitDir }: WorkTree): string | null {
  const [found] = Object.entries(UNDER_WAY).filter(([name]) => existsSync(join(gitDir, name)));
  return found?.[1] ?? null;
}

/** While it is rebased, a branch is checked out nowhere, and yet the end of the rebase writes it. */
export function isBeingRebased(commonDir: string, branch: string): boolean {
  const notes = gitDirsOf(commonDir).flatMap((dir) =>
    ['rebase-merge', 'rebase-apply'].map((name) => join(dir, name, 'head-name')),
  );
  return notes.some((note) => existsSync(note) && readFileSync(note, 'utf8').trim() === branch);
}
