import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { smallCommand } from '../system/small-command';

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
  const { isDone, said } = await smallCommand(program, args, { timeoutMs: COPY_MS });
  // What it says first; its arguments are long, and everybody's the same.
  if (!isDone) throw new Error(said.split('\n')[0]);
}
