import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FETCH_OPTIONS } from './fetch-heads';
import type { Git } from './git-command';
import { together } from './together';

const SHA256_DIGITS = 64;
/** What is gone after the run need not survive a power cut. */
const FLEETING = ['-c', 'core.fsync=none'];

/** What a clone is made of, and where. */
export interface RunClone {
  /** An empty folder. */
  readonly cwd: string;
  /** A git directory that has the commit. */
  readonly source: string;
  readonly oid: string;
  /** Commits of history, this one included. */
  readonly depth: 'full' | number;
}

/**
 * Makes a repository with one commit checked out, detached, that shares nothing with where it comes from.
 *
 * Objects are copied as one pack, and git reads all of it again to see whether each is what its name says: what was written
 * into the source under another name fails here, and never reaches a suite.
 */
export async function fillRunClone(git: Git, clone: RunClone): Promise<void> {
  const { cwd, oid, depth } = clone;
  await writeRepository(cwd, oid);
  const index = typeof depth === 'number' && depth !== 1 ? await fetched(git, clone) : await packed(git, clone);
  await together(
    // Not a checkout, which ends well where it could not write every file.
    git.run([...FLEETING, 'reset', '--quiet', '--hard', oid, '--'], { cwd }),
    index === null ? Promise.resolve() : git.run(['index-pack', '--verify', index], { cwd }),
  );
}

/** What `git init` makes, without the process. */
async function writeRepository(cwd: string, oid: string): Promise<void> {
  const dir = join(cwd, '.git');
  for (const folder of ['objects/pack', 'refs']) await mkdir(join(dir, folder), { recursive: true });
  const isPlain = oid.length !== SHA256_DIGITS;
  const config = [
    '[core]',
    `\trepositoryformatversion = ${isPlain ? 0 : 1}`,
    '\tfilemode = true',
    '\tbare = false',
    ...(isPlain ? [] : ['[extensions]', '\tobjectformat = sha256']),
    '',
  ];
  await writeFile(join(dir, 'config'), config.join('\n'));
  await writeFile(join(dir, 'HEAD'), `${oid}\n`);
}

/** @returns the pack that the clone has then. */
async function packed(git: Git, { cwd, source, oid, depth }: RunClone): Promise<string> {
  const isShallow = depth === 1;
  if (isShallow) await writeFile(join(cwd, '.git/shallow'), `${oid}\n`);
  const input = `${isShallow ? `--shallow ${oid}\n` : ''}${oid}\n`;
  const options = ['--quiet', '--revs', '--delta-base-offset', '--window=0', ...(isShallow ? ['--shallow'] : [])];
  const place = join(cwd, '.git/objects/pack/pack');
  const name = await git.text([...FLEETING, 'pack-objects', ...options, place], { cwd: source, input });
  return `${place}-${name}.pack`;
}

/** Where history ends in between, git alone knows where. It checks what it fetches. */
async function fetched(git: Git, { cwd, source, oid, depth }: RunClone): Promise<null> {
  await git.run([...FLEETING, 'fetch', ...FETCH_OPTIONS, `--depth=${depth}`, '--end-of-options', source, oid], { cwd });
  return null;
}
