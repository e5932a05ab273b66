import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { LogRefused } from '../../application/audit/log-refused';
import type { MovableEvent } from '../../application/audit/event-line';
import type { Hasher } from '../../application/ports/ids';
import { makeFolders } from '../system/state-folder';
import { linesOf } from './lines';
import { readLog } from './read-log';

/** A log as `writeLog` wrote it, to be read as often as is needed. */
export class LogFile {
  private constructor(private readonly handle: FileHandle) {}

  /** @throws LogRefused when there is no such file; it has to be one that can be read twice. */
  static async open(path: string): Promise<LogFile> {
    const handle = await opened(path);
    if ((await handle.stat()).isFile()) return new LogFile(handle);
    await handle.close();
    throw new LogRefused(`${path}: expected a file, saw something else; redirect it into the command without --in`);
  }

  /**
   * Keeps a stream on disk while it is read, in a file without a name that is gone with the process.
   *
   * @param folder made if missing.
   */
  static async keep(stream: Readable, folder: string): Promise<LogFile> {
    makeFolders(folder);
    const path = join(folder, `scratch-${randomUUID()}.jsonl`);
    const handle = await open(path, 'wx+', 0o600);
    await rm(path);
    for await (const chunk of stream) await handle.writeFile(chunk as Buffer);
    return new LogFile(handle);
  }

  /** Every event from the first on. @throws LogRefused at the first thing that is not as it was written. */
  events(hasher: Hasher): AsyncGenerator<MovableEvent, void> {
    return readLog(linesOf(this.handle.createReadStream({ start: 0, autoClose: false })), hasher);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    const { code = 'an error' } = cause as NodeJS.ErrnoException;
    throw new LogRefused(`${path}: expected a file that can be read, saw ${code}; name one that audit export wrote`, {
      cause,
    });
  }
}
