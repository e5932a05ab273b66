import { lstatSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Git } from '../command/git-command';
import { blockedBy, onDisk, shown, type GitPath } from './paths';
import { isSame, isSubmodule, type Touched } from './touched';
import type { Gits, WorkTree } from './work-trees';

/** What of a person's a landing would write over: the path that lands, and the words for what is in its way. */
export interface Obstacle {
  readonly path: GitPath;
  readonly what: string;
}

/**
 * What git would refuse to write over in a fast-forward, and what it would not: files that are ignored.
 *
 * @param index a copy of the work tree's index, which is spoilt by it.
 * @param mayBeMissing a file that is not there holds nothing of anybody's.
 */
export async function obstaclesIn(
  git: Gits,
  { root }: WorkTree,
  index: string,
  touched: readonly Touched[],
  mayBeMissing = false,
): Promise<readonly Obstacle[]> {
  const at = { cwd: root, variables: { GIT_INDEX_FILE: index }, encoding: 'latin1' } as const;
  // Also those that git was told to take for unchanged: their bytes are a person's all the same.
  await git.ofUser.run(['update-index', '-q', '--really-refresh'], { ...at, answers: [0, 1] });
  const listed = await entriesIn(git.isolated, at);
  const dirty = new Set(
    (await git.ofUser.text(['diff-files', '-z', '--name-only', '--ignore-submodules=all'], at)).split('\0'),
  );
  const isGone = ({ path, after }: Touched) => (mayBeMissing || after === null) && isMissing(root, path);
  const found: Obstacle[] = [...listed.unmerged].map((path) => ({ path, what: `${shown(path)} (unresolved)` }));
  for (const one of touched) {
    const { path, before, after } = one;
    const entry = listed.entries.get(path) ?? null;
    if (listed.unmerged.has(path)) continue;
    if (!isSame(entry, before) && !isSame(entry, after)) found.push({ path, what: `${shown(path)} (staged)` });
    else if (entry && dirty.has(path) && !isSubmodule(one) && !isGone(one))
      found.push({ path, what: `${shown(path)} (changed)` });
    else if (after && !entry) found.push(...inTheWay(root, one, listed.entries));
  }
  return found;
}

interface Listed {
  readonly entries: ReadonlyMap<GitPath, { readonly mode: string; readonly oid: string }>;
  readonly unmerged: ReadonlySet<GitPath>;
}

export async function entriesIn(
  git: Git,
  at: { readonly cwd: string; readonly variables: Readonly<Record<string, string>>; readonly encoding: 'latin1' },
): Promise<Listed> {
  const entries = new Map<GitPath, { mode: string; oid: string }>();
  const unmerged = new Set<GitPath>();
  for (const line of (await git.text(['ls-files', '--stage', '-z'], at)).split('\0')) {
    const [, mode = '', oid = '', stage, path = ''] = /^(\d+) (\w+) (\d)\t([^]*)$/.exec(line) ?? [];
    if (stage === '0') entries.set(path, { mode, oid });
    else if (stage !== undefined) unmerged.add(path);
  }
  return { entries, unmerged };
}

function isMissing(root: string, path: GitPath): boolean {
  return lstatSync(onDisk(root, path), { throwIfNoEntry: false }) === undefined;
}

/** What nobody has told git of, where a path is to be added. */
function inTheWay(root: string, touched: Touched, entries: Listed['entries']): readonly Obstacle[] {
  const { path } = touched;
  const obstacle = (what: GitPath) => [{ path, what: `${shown(what)} (not in git)` }];
  const blocked = blockedBy(root, path);
  if (blocked !== null) return entries.has(blocked) ? [] : obstacle(blocked);
  const stats = lstatSync(onDisk(root, path), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isDirectory()) {
    const [first] = isSubmodule(touched) ? [] : filesBelow(root, path).filter((file) => !entries.has(file));
    return first === undefined ? [] : obstacle(first);
  }
  return isRenamedByCase(root, path, entries) ? [] : obstacle(path);
}

function filesBelow(root: string, folder: GitPath): readonly GitPath[] {
  return readdirSync(onDisk(root, folder), { withFileTypes: true, encoding: 'buffer' }).flatMap((found) => {
    const path = `${folder}/${found.name.toString('latin1')}`;
    return found.isDirectory() ? filesBelow(root, path) : [path];
  });
}

/** Where upper and lower case are one, what stands under a name may be a file of git's under another spelling. */
function isRenamedByCase(root: string, path: GitPath, entries: Listed['entries']): boolean {
  const names = readdirSync(onDisk(root, dirname(path)), 'buffer').map((name) => name.toString('latin1'));
  if (names.includes(basename(path))) return false;
  const spelling = path.toLowerCase();
  return [...entries.keys()].some((known) => known !== path && known.toLowerCase() === spelling);
}
