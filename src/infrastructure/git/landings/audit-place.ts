import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { expectFolder } from '../command/common-dir';
import { Git } from '../command/git-command';

/** A repository of our own that has nothing but the objects of another one: none of its configuration, hooks, attributes or refs. */
export interface AuditPlace {
  /** Bare, in a temporary folder. What git has to write, it writes there. */
  readonly dir: string;
  readonly gitDir: string;
  readonly isShallow: boolean;
  remove(): Promise<void>;
}

/**
 * @param path a folder in or of a repository: bare or not, a work tree, one whose `.git` is a file.
 * @throws GitError GIT_NOT_A_REPOSITORY
 */
export async function auditPlace(path: string): Promise<AuditPlace> {
  await expectFolder(path);
  const git = new Git();
  const query = [
    'rev-parse',
    '--path-format=absolute',
    '--git-common-dir',
    '--git-path',
    'objects',
    '--git-path',
    'shallow',
  ];
  const text = await git.text([...query, '--is-shallow-repository', '--show-object-format'], { cwd: path });
  const [gitDir = '', objects = '', shallow = '', isShallow, format = 'sha1'] = text.split('\n');
  const dir = await mkdtemp(join(tmpdir(), 'stagegate-landings-'));
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    await git.run(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`], { cwd: dir });
    const alternates = [objects, ...(await alternatesOf(objects))];
    await writeFile(join(dir, 'objects', 'info', 'alternates'), alternates.map((each) => `${quoted(each)}\n`).join(''));
    if (isShallow === 'true') await copyFile(shallow, join(dir, 'shallow'));
    return { dir, gitDir, isShallow: isShallow === 'true', remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Where a clone has its objects in turn. Git does not follow a relative one for us, as it is not the first any more. */
async function alternatesOf(objects: string): Promise<readonly string[]> {
  const text = await readFile(join(objects, 'info', 'alternates'), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('"'));
  return lines.filter((line) => !isAbsolute(line)).map((line) => resolve(objects, line));
}

/** As git reads such a line: a path that begins like a comment, or has what would end it, only in quotes. */
function quoted(path: string): string {
  return /^[#"]|[\n\\]/.test(path) ? JSON.stringify(path) : path;
}
