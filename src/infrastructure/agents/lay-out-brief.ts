import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BriefFile } from '../../domain/brief/brief';

const FOLDER = '.stagegate';
/**
 * Within the folder and about all of it, this file included. Files of this kind that are further up can take nothing back of it,
 * which they could of `.git/info/exclude`.
 */
const IGNORES_ALL = '*\n';

/**
 * Puts a brief's files into a folder of the work tree that git does not see, and that was not there before: what the branch has
 * under that name stays as it is, whatever it is.
 *
 * @returns the folder.
 */
export async function layOutBrief(workTree: string, files: readonly BriefFile[]): Promise<string> {
  const dir = await makeFolder(workTree);
  await writeNew(join(dir, '.gitignore'), IGNORES_ALL);
  for (const { name, text } of files) {
    if (name !== basename(name) || name.startsWith('.')) throw new Error(`expected a plain file name, saw ${name}`);
    await writeNew(join(dir, name), text);
  }
  return dir;
}

async function makeFolder(workTree: string): Promise<string> {
  const dir = join(workTree, FOLDER);
  try {
    // Makes nothing and follows no link where something is.
    await mkdir(dir, { mode: 0o700 });
    return dir;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // A name that no branch can have foreseen.
    return mkdtemp(`${dir}-`);
  }
}

function writeNew(path: string, text: string): Promise<void> {
  return writeFile(path, text, { flag: 'wx', mode: 0o600 });
}
