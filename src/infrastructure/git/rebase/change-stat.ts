import { Git } from '../command/git-command';

/** What a landing changed, as `git diff --shortstat` counts it. */
export interface ChangeStat {
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
}

/** @throws GitError when a commit is not there. */
export async function changeStat(
  cwd: string,
  { baseOid, newOid }: { readonly baseOid: string; readonly newOid: string },
): Promise<ChangeStat> {
  // Neither a program nor a filter that the repository configures takes part.
  const options = ['--shortstat', '--no-ext-diff', '--no-textconv', '--find-renames', '--ignore-submodules=none'];
  const text = await new Git().text(['diff', ...options, baseOid, newOid, '--'], { cwd });
  const countOf = (what: string) => Number(new RegExp(String.raw`(\d+) ${what}`).exec(text)?.[1] ?? 0);
  return { files: countOf('file'), insertions: countOf('insertion'), deletions: countOf('deletion') };
}

/** In git's words: `2 files changed, 5 insertions(+), 1 deletion(-)`. */
export function changeText({ files, insertions, deletions }: ChangeStat): string {
  const counted = (count: number, what: string, sign: string) =>
    count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}(${sign})`];
  const all = [...counted(insertions, 'insertion', '+'), ...counted(deletions, 'deletion', '-')];
  return [`${files} file${files === 1 ? '' : 's'} changed`, ...all].join(', ');
}
