import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from './server/connection';
import { meaningOf } from './calls/meanings';

/** How often a stream is looked at that does not show yet what an append lost against. */
const LOOK_MS = 20;
/** Streams whose last readable revision is remembered. */
const MOST_KNOWN = 500;

interface Caller {
  /** By the clock of `performance.now()`. */
  readonly endsAt: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * How far streams can be read. A server tells the loser of a race before anybody can read what it lost against: whoever decides
 * anew on what can be read then loses against the same event again.
 */
export class Readable {
  private readonly known = new Map<string, bigint>();
  private readonly looking = new Map<string, Promise<boolean>>();

  constructor(private readonly reads: Connection) {}

  /** An append is answered when it can be read. */
  know(stream: string, revision: bigint): void {
    if (revision <= (this.known.get(stream) ?? -1n)) return;
    this.known.delete(stream);
    this.known.set(stream, revision);
    const [oldest = stream] = this.known.keys();
    if (this.known.size > MOST_KNOWN) this.known.delete(oldest);
  }

  /** Until a revision can be read, or nothing can be, or the caller's time is over. Never rejects. */
  async until(stream: string, revision: bigint, { endsAt, signal }: Caller): Promise<void> {
    while (this.isBehind(stream, revision) && performance.now() < endsAt && signal?.aborted !== true) {
      if (!(await this.look(stream, Math.max(1, Math.round(endsAt - performance.now()))))) return;
      if (this.isBehind(stream, revision)) await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Once for all who ask at the same time. @returns whether the stream could be read */
  private look(stream: string, withinMs: number): Promise<boolean> {
    const page = { from: 'end', isBackwards: true, count: 1, withinMs } as const;
    const looking =
      this.looking.get(stream) ??
      this.reads
        .use((client) => client.readStream(stream, page))
        .then(([last]) => {
          if (last) this.know(stream, last.revision);
          return true;
        })
        // None of it can be read yet; anything else that is wrong is told to whoever reads next.
        .catch((error: unknown) => meaningOf(error) === 'no-stream')
        .finally(() => this.looking.delete(stream));
    this.looking.set(stream, looking);
    return looking;
  }

  private isBehind(stream: string, revision: bigint): boolean {
    return (this.known.get(stream) ?? -1n) < revision;
  }
}
