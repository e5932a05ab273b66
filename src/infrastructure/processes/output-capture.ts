import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import type { CapturedStream } from '../../application/ports/process-runner';

/** Keeps the first and the last bytes of a stream in memory; counts and hashes all of them. */
export class OutputCapture {
  private readonly hash = createHash('sha256');
  private readonly head: Buffer[] = [];
  private headBytes = 0;
  private tail: Buffer = Buffer.alloc(0);
  private totalBytes = 0;

  constructor(
    private readonly maxHead: number,
    private readonly maxTail: number,
  ) {}

  take(chunk: Buffer): void {
    this.hash.update(chunk);
    this.totalBytes += chunk.length;
    const forHead = chunk.subarray(0, Math.max(0, this.maxHead - this.headBytes));
    if (forHead.length > 0) {
      // Copies: a slice would keep the whole chunk it was cut from.
      this.head.push(Buffer.from(forHead));
      this.headBytes += forHead.length;
    }
    const rest = chunk.subarray(forHead.length);
    if (rest.length === 0 || this.maxTail === 0) return;
    this.tail =
      rest.length >= this.maxTail
        ? Buffer.from(rest.subarray(rest.length - this.maxTail))
        : Buffer.concat([this.tail.subarray(Math.max(0, this.tail.length + rest.length - this.maxTail)), rest]);
  }

  result(): CapturedStream {
    const head = Buffer.concat(this.head);
    const { tail, totalBytes } = this;
    const sha256 = this.hash.copy().digest('hex');
    return { head, tail, totalBytes, sha256, truncated: totalBytes > head.length + tail.length };
  }
}

/** The whole output of a run, both streams as they came, up to a limit. */
export class LogFile {
  private written = 0;
  private readonly stream: WriteStream | null;
  private failure: Error | null = null;

  constructor(
    path: string | undefined,
    private readonly maxBytes: number,
  ) {
    this.stream = path === undefined ? null : open(path);
    this.stream?.on('error', (error) => {
      this.failure = error;
    });
  }

  take(chunk: Buffer): void {
    if (!this.stream || this.failure || this.written >= this.maxBytes) return;
    const part = chunk.subarray(0, this.maxBytes - this.written);
    this.written += part.length;
    this.stream.write(part);
    if (this.written >= this.maxBytes) this.stream.write('\n[stagegate: the log is cut here]\n');
  }

  /** @returns why the log is not complete; null when it is. */
  async close(): Promise<string | null> {
    const { stream } = this;
    if (stream && !this.failure)
      await new Promise<void>((resolve) =>
        stream.end(resolve).once('error', () => {
          resolve();
        }),
      );
    return this.failure ? `log file: ${this.failure.message}` : null;
  }
}

function open(path: string): WriteStream {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return createWriteStream(path, { mode: 0o600 });
}

/** Idle for this long after the run is gone, a pipe counts as held by somebody else. */
const DRAIN_IDLE_MS = 100;
export const DRAIN_CAP_MS = 1_000;

/** Waits for the ends of the streams, but not for whoever keeps one open. @returns true when one was still held. */
export async function drain(streams: readonly Readable[]): Promise<boolean> {
  const open = new Set(streams.filter((stream) => !stream.readableEnded && !stream.destroyed));
  if (open.size === 0) return false;
  await new Promise<void>((resolve) => {
    const cap = setTimeout(resolve, DRAIN_CAP_MS);
    let idle = setTimeout(resolve, DRAIN_IDLE_MS);
    const rearm = () => {
      clearTimeout(idle);
      idle = setTimeout(resolve, DRAIN_IDLE_MS);
    };
    for (const stream of open) {
      const done = () => {
        open.delete(stream);
        if (open.size > 0) return;
        clearTimeout(cap);
        clearTimeout(idle);
        resolve();
      };
      stream.on('data', rearm).once('end', done).once('close', done);
    }
  });
  for (const stream of open) stream.destroy();
  return open.size > 0;
}
