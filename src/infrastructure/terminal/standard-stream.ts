import { Writable } from 'node:stream';

/**
 * The program's stdout and stderr: the one place that writes to them. What is written is ours already (see `visible.ts`).
 *
 * Whoever reads may go away, and a disk may be full: neither is a reason to stop in the middle of anything, so nothing is
 * thrown here. The rest is dropped, and at the end it is known that something was lost.
 */
export class StandardStream {
  /** Code of the error that kept something from being written; null while all is well, and when the reader has gone. */
  failure: string | null = null;
  private isOver = false;
  private last: Promise<void> = Promise.resolve();
  private opened: NodeJS.WriteStream | null = null;

  constructor(private readonly open: () => NodeJS.WriteStream) {}

  get isTerminal(): boolean {
    // Typed as if it always were one; a pipe has no such member.
    return (this.stream as { isTTY?: boolean }).isTTY ?? false;
  }

  /** Of a terminal, as wide as it is now; null where there is none, or it does not say. */
  get columns(): number | null {
    const { columns } = this.stream as { columns?: number };
    return columns !== undefined && columns > 0 ? columns : null;
  }

  /** Nobody gets what is written from now on. */
  get isClosed(): boolean {
    return this.isOver;
  }

  write(bytes: string | Uint8Array): void {
    if (this.isOver) return;
    this.last = new Promise((resolve) => {
      this.stream.write(bytes, (error) => {
        if (error) this.end(error);
        resolve();
      });
    });
  }

  /** Resolves when everything so far is taken or lost. */
  async flush(): Promise<void> {
    await this.last;
  }

  /**
   * For much data, as fast as it is taken; what cannot be written is an error of this stream.
   *
   * @param shown what is written of a text.
   */
  sink(shown: (text: string) => string = (text) => text): Writable {
    return new Writable({
      decodeStrings: false,
      write: (chunk: Uint8Array | string, _encoding, done) => {
        // Not even nothing fits onto a full device.
        if (chunk.length === 0) done();
        else
          this.stream.write(typeof chunk === 'string' ? shown(chunk) : chunk, (error) => {
            if (error) this.end(error);
            done(error);
          });
      },
    });
  }

  private get stream(): NodeJS.WriteStream {
    // Node opens it when it is asked for it; without a listener its error would end the process.
    return (this.opened ??= this.open().on('error', (error: Error) => {
      this.end(error);
    }));
  }

  private end(error: Error & { readonly code?: string }): void {
    if (this.isOver) return;
    this.isOver = true;
    const code = error.code ?? error.message;
    if (!GONE.has(code) && !(code === 'EIO' && this.isTerminal)) this.failure = code;
  }
}

/** The other end of a pipe or of a socket was closed. A terminal that is gone says EIO, as a broken disk does. */
const GONE: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET']);

export const stdout = new StandardStream(() => process.stdout);
export const stderr = new StandardStream(() => process.stderr);
