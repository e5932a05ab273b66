import type { Git } from '../command/git-command';
import type { Gitlink, TreeContents } from './tree-contents';

/** A folder that a commit leaves to another repository, and what the commit says of that. */
export interface Submodule extends Gitlink {
  /** Null where `.gitmodules` does not tell of it, or in words that git does not take. */
  readonly name: string | null;
  /** As written. */
  readonly url: string | null;
}

/** What git says where it cannot read a configuration. */
const UNREADABLE = 128;

/**
 * The submodules of a tree. `.gitmodules` is data of the branch: of all that it can say, path, name and URL are read, and
 * none of them is given to a program.
 */
export async function submodulesIn(
  git: Git,
  cwd: string,
  { gitlinks, modulesOid }: Pick<TreeContents, 'gitlinks' | 'modulesOid'>,
): Promise<readonly Submodule[]> {
  if (gitlinks.length === 0) return [];
  const told = modulesOid === null ? new Map<string, Told>() : await toldIn(git, cwd, modulesOid);
  return gitlinks.map((link) => ({ ...link, ...(told.get(link.path) ?? UNTOLD) }));
}

type Told = Pick<Submodule, 'name' | 'url'>;
const UNTOLD: Told = { name: null, url: null };

/** By path. Where git finds two of one, the last one counts. */
async function toldIn(git: Git, cwd: string, blob: string): Promise<ReadonlyMap<string, Told>> {
  // Not as it would by itself: a configuration in a blob may include files of the machine.
  const args = ['config', '--no-includes', '--blob', blob, '--list', '-z'];
  const { stdout, exitCode } = await git.run(args, { cwd, encoding: 'latin1', answers: [0, UNREADABLE] });
  const byName = new Map<string, Map<string, string>>();
  for (const entry of exitCode === 0 ? stdout.split('\0') : []) {
    const end = entry.indexOf('\n');
    const [, name, key] = /^submodule\.(.*)\.(path|url)$/s.exec(end < 0 ? entry : entry.slice(0, end)) ?? [];
    if (name === undefined || key === undefined || end < 0) continue;
    byName.set(name, (byName.get(name) ?? new Map<string, string>()).set(key, entry.slice(end + 1)));
  }
  return new Map(
    [...byName].flatMap(([name, keys]) => {
      const path = keys.get('path');
      return path === undefined ? [] : [[path, { name: isName(name) ? name : null, url: urlIn(keys) }] as const];
    }),
  );
}

/** As git takes names: a folder of that name has to stay inside of the one that it is put into. */
function isName(name: string): boolean {
  return name !== '' && !name.startsWith('/') && !name.includes('\0') && !name.split(/[/\\]/).includes('..');
}

/** One that begins with a dash is an option to whatever it is given to. */
function urlIn(keys: ReadonlyMap<string, string>): string | null {
  const url = keys.get('url');
  return url === undefined || url === '' || url.startsWith('-') ? null : Buffer.from(url, 'latin1').toString('utf8');
}
