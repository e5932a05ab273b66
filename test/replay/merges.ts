import { existsSync } from 'node:fs';
import type { PlainGit } from './plain-git';

/** One merge commit of somebody's main. */
export interface Merge {
  readonly oid: string;
  /** main before it. */
  readonly base: string;
  /** What was merged; several for an octopus. */
  readonly heads: readonly string[];
}

/**
 * @param main null for the branch that is checked out.
 * @returns the newest merges of main, the oldest of them first.
 * @throws Error in one line where there is nothing to replay.
 */
export function mergesOf(
  git: PlainGit,
  repo: string,
  { main, most }: { readonly main: string | null; readonly most: number },
): readonly Merge[] {
  if (!existsSync(repo)) throw new Error(`--repo: expected a clone, saw no ${repo}; name one`);
  if (git.run(repo, ['rev-parse', '--git-dir']).status !== 0)
    throw new Error(`--repo: expected a clone, saw that ${repo} is none; name one`);
  if (git.text(repo, ['rev-parse', '--is-shallow-repository']) === 'true')
    throw new Error(`--repo: expected the whole history, saw a shallow clone; git -C ${repo} fetch --unshallow`);
  const ref = main === null ? 'HEAD' : `refs/heads/${main}`;
  if (git.run(repo, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]).status !== 0)
    throw new Error(`--main: expected a branch of ${repo}, saw no ${main ?? 'commit at HEAD'}; name one`);
  const args = ['rev-list', '--first-parent', '--min-parents=2', `--max-count=${most}`, '--parents', ref];
  const merges = git.lines(repo, args).map((line) => {
    const [oid = '', base = '', ...heads] = line.split(' ');
    return { oid, base, heads };
  });
  if (merges.length === 0) throw new Error(`--repo: expected merges on main of ${repo}, saw none; name another one`);
  return merges.reverse();
}
