import { foldersAbove, madeFiles, type AttributesFile } from '../../../domain/gates/revert/made-files';
import type { Oid } from '../../../domain/ids';
import type { Git } from '../command/git-command';
import { readable } from './changes-text';

/** No attributes of anybody are that long. */
const MOST_BYTES = 1_000_000;

/** Which files a commit calls generated or vendored. It is main that says so: a branch cannot hide its files. */
export async function madeIn(
  git: Git,
  cwd: string,
  oid: Oid,
  paths: readonly string[],
): Promise<(path: string) => boolean> {
  // A folder whose name ends a line cannot be asked for in this way; its attributes are not looked at.
  const folders = [...new Set(paths.flatMap(foldersAbove))].filter((folder) => !folder.includes('\n'));
  const names = folders.map((folder) => `${oid}:${folder === '' ? '' : `${folder}/`}.gitattributes`);
  const input = names.map((name) => `${name}\n`).join('');
  let rest = `${await git.text(['cat-file', '--batch'], { cwd, input, encoding: 'latin1' })}\n`;
  const files: AttributesFile[] = [];
  for (const [at, name] of names.entries()) {
    const end = rest.startsWith(Buffer.from(name).toString('latin1')) ? name.length : 0;
    const stop = rest.indexOf('\n', end);
    const [, kind, size] = / (\w+) (\d+)$/.exec(rest.slice(end, stop)) ?? [];
    rest = rest.slice(stop + 1);
    if (size === undefined) continue;
    const text = rest.slice(0, Number(size));
    rest = rest.slice(Number(size) + 1);
    // A folder may have that name as well.
    if (kind === 'blob' && text.length <= MOST_BYTES) files.push({ folder: folders[at] ?? '', text: readable(text) });
  }
  return madeFiles(files);
}
