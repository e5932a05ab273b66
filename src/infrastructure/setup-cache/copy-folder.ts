import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { processEnvironment } from '../config/environment';

/** Longest copy; a disk that takes longer is slower than most set-ups. */
const COPY_MS = 300_000;

/**
 * Copies folders with what is in them, links as links. Where the file system can, both share their blocks until one of them
 * writes, which the other does not see.
 *
 * @param folders below both roots; parents are made.
 */
export async function copyFolders(from: string, to: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const target = join(to, folder);
    await mkdir(dirname(target), { recursive: true });
    await run('cp', ['-a', '--', join(from, folder), target]);
  }
}

/** Brings what was written to the disk: after a power cut a copy is there whole, or not at all. */
export async function syncFileSystemOf(dir: string): Promise<void> {
  await run('sync', ['--file-system', dir]);
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const env = { PATH: processEnvironment()['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' };
  const options = { env, extendEnv: false, stdin: 'ignore', timeout: COPY_MS, reject: false } as const;
  const { failed, stderr, shortMessage } = await execa(program, [...args], options);
  // What it says first; its arguments are long, and everybody's the same.
  if (failed) throw new Error(stderr.split('\n')[0] || shortMessage);
}
