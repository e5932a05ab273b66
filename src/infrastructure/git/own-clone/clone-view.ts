import { realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configOf, type ObjectFormat } from './clone-files';
import { Git } from '../command/git-command';

/** Objects and refs are data, which git checks by their names. Everything else of a repository can name a program. */
const SHARED = ['objects', 'refs', 'packed-refs'];

/**
 * A git directory for one piece of work on an own clone: objects and refs are the clone's, configuration, hooks and
 * attributes are written here, just now, under a name that nobody has heard of. So git never reads what somebody may have
 * written into the clone, however often and whenever they do it.
 */
export interface CloneView {
  /** To run git in, and to fetch from. */
  readonly dir: string;
  /** The clone behind it, for its lock files. */
  readonly clone: string;
  /** Git that may read the target even if it belongs to another user. */
  readonly git: Git;
}

/** @param dir an empty folder. @param target path of the repository that the work is about. */
export async function openView(
  dir: string,
  { clone, format, target }: { clone: string; format: ObjectFormat; target: string },
): Promise<CloneView> {
  const trusted = join(dir, 'trusted');
  await writeFile(trusted, await trusting(target), { mode: 0o600 });
  await writeFile(join(dir, 'config'), configOf(format), { mode: 0o600 });
  for (const name of SHARED) await symlink(join(clone, name), join(dir, name));
  // Last: before it is there, git does not take this for a repository.
  await writeFile(join(dir, 'HEAD'), 'ref: refs/heads/none\n', { mode: 0o600 });
  return { dir, clone, git: new Git(trusted) };
}

/** What git that is started in the target reads as its global configuration: whose directories it may enter. */
async function trusting(target: string): Promise<string> {
  // git asks about the real path, with the links in it resolved.
  const places = new Set([target, await realpath(target).catch(() => target)]);
  const lines = [...places].flatMap((place) => [place, join(place, '.git')]).map((place) => JSON.stringify(place));
  return `[safe]\n${lines.map((place) => `\tdirectory = ${place}\n`).join('')}`;
}
