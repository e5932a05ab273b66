import { close, constants, createWriteStream, fstat, ftruncate, mkdirSync, open, write, writev } from 'node:fs';
import type { Mode, OpenMode, PathLike, WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import type { Deadline } from '../deadline';

/** Bytes that may wait for a slow disk. What comes on top is left out: the suite must not wait for its log. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** A disk that has not taken the rest by then hangs. */
const CLOSE_CAP_MS = 500;

/** The whole output of a run, both streams as they came, up to a limit. Whatever happens to it decides nothing. */
export class LogFile {
  private written = 0;
  private missing = 0;
  private stream: WriteStream | null = null;
  private failure: string | null = null;

  constructor(
    path: string | undefined,
    private readonly maxBytes: number,
  ) {
    if (path === undefined) return;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      this.stream = createWriteStream(path, { fs: LOG_FS });
      this.stream.on('error', (error) => {
        this.failure ??= error.message;
      });
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  take(chunk: Buffer): void {
    const { stream } = this;
    if (!stream || this.failure !== null || this.written >= this.maxBytes) return;
    if (stream.writableLength > MAX_WAITING_BYTES) {
      this.missing += chunk.length;
      return;
    }
    if (this.missing > 0) this.note(`${this.missing} bytes are missing here: the disk was too slow`);
    this.missing = 0;
    const part = chunk.subarray(0, this.maxBytes - this.written);
    this.written += part.length;
    stream.write(part);
    if (this.written >= this.maxBytes) this.note('the log is cut here');
  }

  /** @returns why the log is not there or not complete; null when it is as it should be. */
  async close(deadline: Deadline): Promise<string | null> {
    const { stream } = this;
    if (stream && this.failure === null) {
      if (this.missing > 0) this.note(`${this.missing} bytes are missing here: the disk was too slow`);
      const ended = new Promise<void>((resolve) => stream.once('close', resolve).end());
      const isClosed = await deadline.within(CLOSE_CAP_MS).waitFor(ended.then(() => true));
      if (isClosed === null) this.failure ??= 'the disk does not take it';
    }
    return this.failure === null ? null : `log file: ${this.failure}`;
  }

  private note(text: string): void {
    this.stream?.write(`\n[stagegate: ${text}]\n`);
  }
}

/** Asynchronous throughout: a disk that hangs must not stop the service. */
const LOG_FS = { open: openForLog, write, writev, close };

type Opened = (error: NodeJS.ErrnoException | null, fd: number) => void;

/** A set-up that reaches the folder may have put something there: no link is followed, and no pipe waited for. */
function openForLog(path: PathLike, _flags: OpenMode, _mode: Mode, done: Opened): void {
  const { O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600, (error, fd) => {
    if (error) done(error, fd);
    else beginLog(path, fd, done);
  });
}

function beginLog(path: PathLike, fd: number, done: Opened): void {
  const refuse = (error: Error) => {
    close(fd, () => {
      done(error, fd);
    });
  };
  fstat(fd, (error, stats) => {
    if (error) refuse(error);
    else if (stats.isCharacterDevice()) done(null, fd);
    else if (!stats.isFile() || stats.nlink !== 1)
      refuse(new Error(`${String(path)}: expected a plain file, saw something else`));
    else
      ftruncate(fd, (failed) => {
        if (failed) refuse(failed);
        else done(null, fd);
      });
  });
}
