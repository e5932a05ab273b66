import { createWriteStream, rmSync, type WriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { withinSentence } from '../domain/within-sentence';
import { UserError } from './user-error';

/**
 * Writes what `--out` names, which must not be there yet. What cannot be finished is taken away again.
 *
 * @param what goes into it, as the middle of a sentence.
 */
export async function writeNewFile<T>(
  path: string,
  what: string,
  write: (stream: WriteStream) => Promise<T>,
): Promise<T> {
  const stream = await create(path);
  try {
    return await write(stream);
  } catch (error) {
    rmSync(path, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EIO') throw error;
    throw new UserError(
      `${path}: expected a disk with room for ${what}, saw ${withinSentence(message)}; write it elsewhere`,
    );
  }
}

async function create(path: string): Promise<WriteStream> {
  try {
    const handle = await open(path, 'wx', 0o600);
    return createWriteStream(path, { fd: handle, flush: true });
  } catch (cause) {
    const { code = 'an error' } = cause as NodeJS.ErrnoException;
    const seen = code === 'EEXIST' ? 'one' : code;
    throw new UserError(`--out: expected no file yet at ${path}, saw ${seen}; choose another name`, { cause });
  }
}
