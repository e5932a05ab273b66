import type { Git } from './git-command';

type Blob = { readonly oid: string };

/** @returns one line for each, as `git cat-file --batch-check` formats it. */
export function batchOf(git: Git, cwd: string, format: string, blobs: readonly Blob[]): Promise<string> {
  return git.text(['cat-file', `--batch-check=${format}`], { cwd, input: linesOf(blobs) });
}

/** @returns bytes. */
export async function sizesOf(git: Git, cwd: string, blobs: readonly Blob[]): Promise<readonly number[]> {
  return (await batchOf(git, cwd, '%(objectsize)', blobs)).split('\n').map(Number);
}

/** Contents, byte by byte (latin1). All of them at once: ask for the sizes first. */
export async function textsOf(git: Git, cwd: string, blobs: readonly Blob[]): Promise<readonly string[]> {
  const options = { cwd, input: linesOf(blobs), encoding: 'latin1' } as const;
  let rest = `${await git.text(['cat-file', '--batch=%(objectsize)'], options)}\n`;
  return blobs.map(() => {
    const start = rest.indexOf('\n') + 1;
    const end = start + Number(rest.slice(0, start - 1));
    const text = rest.slice(start, end);
    rest = rest.slice(end + 1);
    return text;
  });
}

function linesOf(blobs: readonly Blob[]): string {
  return blobs.map(({ oid }) => `${oid}\n`).join('');
}
