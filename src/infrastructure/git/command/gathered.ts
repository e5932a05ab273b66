/** More than this of one stream is an answer to nothing that is asked here; characters would fill the memory. */
const MOST_BYTES = 100_000_000;

/** What is looked at of a process. */
interface Printing {
  readonly stdout: NodeJS.ReadableStream | null;
  readonly stderr: NodeJS.ReadableStream | null;
  once(event: 'error', listener: (error: Error) => void): unknown;
  once(event: 'close', listener: (exitCode: number | null) => void): unknown;
}

/** How a process ended, and what it has printed. */
export interface Gathered {
  /** null when a signal ended it, or when it could not be started. */
  readonly exitCode: number | null;
  readonly stdout: string;
  /** All of `stdout`, with its last line end. */
  readonly bytes: Buffer;
  readonly stderr: string;
  /** What went wrong with starting it or with reading from it; null when nothing did. */
  readonly fault: string | null;
}

/**
 * Waits until a process has ended and nobody holds its output any more.
 *
 * @param end ends it; called when it prints without end.
 */
export function gathered(
  child: Printing,
  { encoding, end }: { readonly encoding: BufferEncoding; readonly end: () => void },
): Promise<Gathered> {
  let fault: string | null = null;
  const read = (stream: NodeJS.ReadableStream | null): (() => Buffer) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    stream?.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= MOST_BYTES) parts.push(part);
      else if (fault === null) {
        fault = `it printed more than ${MOST_BYTES} bytes`;
        end();
      }
    });
    return () => Buffer.concat(parts);
  };
  const [stdout, stderr] = [read(child.stdout), read(child.stderr)];
  return new Promise((resolve) => {
    const settle = (exitCode: number | null) => {
      const bytes = stdout();
      const textOf = (all: Buffer) => withoutLastLineEnd(all.toString(encoding));
      const texts = { stdout: textOf(bytes), stderr: textOf(stderr()) };
      resolve({ exitCode: fault === null ? exitCode : null, ...texts, bytes, fault });
    };
    child.once('error', (error) => {
      fault = error.message;
      settle(null);
    });
    child.once('close', settle);
  });
}

/** As a shell does with what it puts into a variable, but for one line end only. */
function withoutLastLineEnd(text: string): string {
  if (!text.endsWith('\n')) return text;
  return text.slice(0, text.endsWith('\r\n') ? -2 : -1);
}
