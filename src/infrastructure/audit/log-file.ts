import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { LogRefused } from '../../application/audit/log-refused';
import type { MovableEvent } from '../../application/audit/event-line';
import type { Read } from '../../application/audit/verify/verify-log';
import type { Hasher } from '../../application/ports/ids';
import { makeFolders } from '../system/state-folder';
import { examineFile } from './examine-file';
import { linesOf, type Line } from './lines';
import { readLog } from './read-log';

/** A log as `writeLog` wrote it, to be read as often as is needed. */
export class LogFile {
  private constructor(private readonly handle: FileHandle) {}

  /**
   * @param otherwise what to do about something that cannot be read twice.
   * @throws LogRefused when there is no such file, or when it is no file.
   */
  static async open(path: string, otherwise: string): Promise<LogFile> {
    const handle = await opened(path);
    if ((await handle.stat()).isFile()) return new LogFile(handle);
    await handle.close();
    throw new LogRefused(`${path}: expected a file, saw something else; ${otherwise}`);
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

  /** Everything in it, with a finding for each line that is not as it was written. */
  examined(): AsyncIterable<Read> {
    return examineFile(this.lines());
  }

  /** Every event from the first on. @throws LogRefused at the first thing that is not as it was written. */
  events(hasher: Hasher): AsyncGenerator<MovableEvent, void> {
    return readLog(this.lines(), hasher);
  }

  private lines(): AsyncGenerator<Line> {
    return linesOf(this.handle.createReadStream({ start: 0, autoClose: false }));
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
