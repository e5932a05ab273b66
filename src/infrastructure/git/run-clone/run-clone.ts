import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { branchRef } from '../command/names';
import { basicConfig, formatOf } from '../own-clone/clone-files';
import { FETCH_OPTIONS } from '../fetching/fetch-heads';
import { FLEETING, packInto } from '../fetching/pack-into';
import { bringTags, type TagSource } from './run-tags';
import type { Git } from '../command/git-command';
import { together } from '../../../application/together';

/** What a clone is made of, and where. */
export interface RunClone {
  /** An empty folder. */
  readonly cwd: string;
  /** A git directory that has the commit. */
  readonly source: string;
  readonly oid: string;
  /** All of it, with main and tags; or so many commits, this one included. */
  readonly history: FullHistory | { readonly depth: number };
}

interface FullHistory extends TagSource {
  /** Name of the branch that the base is on. */
  readonly main: string;
  /** Name of the branch that the commit is on, where whoever runs there should find it. */
  readonly branch?: string | undefined;
}

/**
 * Makes a repository with one commit checked out, detached, that shares nothing with where it comes from.
 *
 * Objects are copied as packs, and git reads all of them again to see whether each is what its name says: what was written
 * into the source under another name fails here, and never reaches a suite.
 */
export async function fillRunClone(git: Git, clone: RunClone): Promise<void> {
  const { cwd, oid } = clone;
  await writeRepository(cwd, oid);
  await checkOut(git, { cwd, oid }, await objectsFor(git, clone));
}

/**
 * Makes a repository with one commit and nothing before it, as above.
 *
 * @param place `objects` is the folder with the objects of a repository that has the commit; it is read, and nothing else of
 *   that repository is.
 */
export async function fillFromObjects(
  git: Git,
  { cwd, oid, objects }: { readonly cwd: string; readonly oid: string; readonly objects: string },
): Promise<void> {
  await writeRepository(cwd, oid);
  await writeFile(join(cwd, '.git/shallow'), `${oid}\n`);
  const pack = await packInto(git, { from: cwd, objects, into: cwd, input: `${oid}\n` });
  await checkOut(git, { cwd, oid }, [pack]);
}

/** @param packs still to be read through. */
async function checkOut(
  git: Git,
  { cwd, oid }: { readonly cwd: string; readonly oid: string },
  packs: readonly string[],
): Promise<void> {
  await together(
    // Not a checkout, which ends well where it could not write every file.
    git.run([...FLEETING, 'reset', '--quiet', '--hard', oid, '--'], { cwd }),
    ...packs.map((pack) => git.run(['index-pack', '--verify', pack], { cwd })),
  );
}

/** @returns packs that are still to be read through. */
async function objectsFor(git: Git, { cwd, source: from, oid, history }: RunClone): Promise<readonly string[]> {
  const objects = join(from, 'objects');
  if ('main' in history) {
    await writeBranches(cwd, oid, history);
    const input = `${oid}\n${history.baseOid}\n`;
    const packs = await together(packInto(git, { from, objects, into: cwd, input }), bringTags(history, { cwd, oid }));
    return packs.filter((pack) => pack !== null);
  }
  if (history.depth === 1) {
    await writeFile(join(cwd, '.git/shallow'), `${oid}\n`);
    const input = `--shallow ${oid}\n${oid}\n`;
    return [await packInto(git, { from, objects, into: cwd, input, options: ['--shallow'] })];
  }
  // Where history ends in between, git alone knows where. It checks what it fetches.
  const depth = `--depth=${history.depth}`;
  await git.run([...FLEETING, 'fetch', ...FETCH_OPTIONS, depth, '--end-of-options', from, oid], { cwd });
  return [];
}

/** main by both names that suites know it by: of a clone of one's own, and of one that came from a server. */
async function writeBranches(cwd: string, oid: string, { main, baseOid, branch }: FullHistory): Promise<void> {
  const refs = [
    `${baseOid} ${branchRef(main)}`,
    `${baseOid} refs/remotes/origin/${main}`,
    ...(branch === undefined ? [] : [`${oid} ${branchRef(branch)}`]),
  ];
  await writeFile(join(cwd, '.git/packed-refs'), refs.map((line) => `${line}\n`).join(''));
}

/** What `git init` makes, without the process. */
async function writeRepository(cwd: string, oid: string): Promise<void> {
  const dir = join(cwd, '.git');
  for (const folder of ['objects/pack', 'refs']) await mkdir(join(dir, folder), { recursive: true });
  await writeFile(join(dir, 'config'), [...basicConfig(formatOf(oid), { isBare: false }), ''].join('\n'));
  await writeFile(join(dir, 'HEAD'), `${oid}\n`);
}
