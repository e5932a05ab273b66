import { constants, type Stats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MAX_ARTIFACT_BYTES } from '../../domain/staging/front-matter';

export type Collected =
  { readonly kind: 'collected'; readonly bytes: Uint8Array } | { readonly kind: 'refused'; readonly reason: string };

/**
 * Takes the one file an agent had to leave. Only a plain file that is the agent's own work counts: a link of either kind
 * would let it hand in what belongs to another task.
 *
 * Called when none of the agent's processes is left, so what was looked at is what is read.
 */
export async function collectArtifact(artifactDir: string, file: string): Promise<Collected> {
  if (file !== basename(file) || file.startsWith('.')) return refused('not a plain file name');
  try {
    if (!(await lstat(artifactDir)).isDirectory()) return refused('the artifact folder was replaced');
    return await readPlainFile(join(artifactDir, file));
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return refused(REASONS[code] ?? `cannot be read: ${code}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'missing',
  ELOOP: 'a symbolic link',
  ENXIO: 'not a regular file',
  EACCES: 'not readable',
};

async function readPlainFile(path: string): Promise<Collected> {
  // Without O_NONBLOCK a named pipe would hold the service until somebody writes to it.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const reason = objection(await handle.stat());
    if (reason) return refused(reason);
    // One byte more than allowed is asked for, in case the size was a lie (files of /proc say 0).
    const buffer = Buffer.alloc(MAX_ARTIFACT_BYTES + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (length > MAX_ARTIFACT_BYTES) return refused(TOO_LARGE);
      if (bytesRead === 0) return { kind: 'collected', bytes: buffer.subarray(0, length) };
    }
  } finally {
    await handle.close();
  }
}

const TOO_LARGE = `larger than ${MAX_ARTIFACT_BYTES} bytes`;

function objection(stats: Stats): string | null {
  if (!stats.isFile()) return 'not a regular file';
  if (stats.nlink !== 1) return 'a hard link to another file';
  return stats.size > MAX_ARTIFACT_BYTES ? TOO_LARGE : null;
}

function refused(reason: string): Collected {
  return { kind: 'refused', reason };
}
