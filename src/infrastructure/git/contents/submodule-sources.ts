import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SubmoduleSources } from '../../../application/ports/git-workspace';
import type { SubmoduleSource } from '../../../domain/policy/project-policy';
import type { Git } from '../command/git-command';
import { shownPath } from '../fetching/tree-faults';
import type { Submodule } from './gitmodules';

/** Where the content of the submodules of one repository is looked for. */
export interface Sources {
  readonly allowed: readonly SubmoduleSource[];
  /** Folder in which a clone keeps the repositories of its submodules, by their names; null where that does not count. */
  readonly modules: string | null;
}

export function sourcesIn(gitDir: string, { allowed, includesOwn }: SubmoduleSources = NONE): Sources {
  return { allowed, modules: includesOwn ? join(gitDir, 'modules') : null };
}

const NONE: SubmoduleSources = { allowed: [], includesOwn: false };

/** A repository that has the commit. */
export interface Found {
  /** Folder with its objects. */
  readonly objects: string;
  /** Where it keeps the submodules of its own, if it does. */
  readonly modules: string | null;
}

/** @returns null where nothing is allowed for it; a text where what is allowed does not have the commit. */
export async function sourceOf(
  git: Git,
  cwd: string,
  submodule: Submodule,
  { allowed, modules }: Sources,
): Promise<Found | string | null> {
  const { name, oid, path, url } = submodule;
  const own = modules === null || name === null ? null : await repositoryAt(join(modules, name));
  if (own && (await hasCommit(git, cwd, own, oid))) return own;
  const source = allowed.find((one) => one.url === url);
  if (!source) return null;
  const found = await repositoryAt(source.from);
  if (found && (await hasCommit(git, cwd, found, oid))) return found;
  const seen = found
    ? `it is not in ${source.from}; fetch it there`
    : `no repository is at ${source.from}; clone it there`;
  return `${shownPath(path)}: expected commit ${oid} of the submodule in the clone that is allowed for it, ${seen}`;
}

/** Of its own, not of a work tree that another one has: bare, or with its files around it. */
async function repositoryAt(path: string): Promise<Found | null> {
  for (const dir of [path, join(path, '.git')]) {
    if (!(await isFolder(join(dir, 'objects')))) continue;
    const modules = join(dir, 'modules');
    return { objects: join(dir, 'objects'), modules: (await isFolder(modules)) ? modules : null };
  }
  return null;
}

/** Looks at the objects alone: whatever else is in that repository, git does not read it. */
async function hasCommit(git: Git, cwd: string, { objects }: Found, oid: string): Promise<boolean> {
  const options = { cwd, answers: [0, 1, 128], variables: { GIT_OBJECT_DIRECTORY: objects } };
  return (await git.run(['cat-file', '-e', `${oid}^{commit}`], options)).exitCode === 0;
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
