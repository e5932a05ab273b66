import type { AppendOptions } from '../../../application/ports/event-store';
import { MAX_IMPORT_BYTES, type ValidAppend } from '../validate-append';
import { answered } from './calls/answered';
import { limitIn } from './server/append-size';
import { askAgain } from './calls/ask-again';
import type { Connection } from './server/connection';
import { meaningOf, type ClientError } from './calls/meanings';
import { Readable } from './readable';

/** Appends to a server, each until its outcome is known or its caller's time is over. */
export class Appends {
  /** Bytes that the server was seen to take. */
  private taken = 0;

  private readonly readable: Readable;

  constructor(
    private readonly connection: Connection,
    reads: Connection,
    private readonly withinMs: number,
  ) {
    this.readable = new Readable(reads);
  }

  /** @throws what the client throws, `TookTooLong`, or OutcomeUnknown when the caller gave up */
  async send(append: ValidAppend, { timeoutMs = this.withinMs, signal }: AppendOptions = {}) {
    const endsAt = performance.now() + timeoutMs;
    try {
      const done = await askAgain(
        this.connection,
        (client, leftMs) => answered(client.append(append, leftMs), leftMs, signal),
        { withinMs: timeoutMs, signal },
      );
      this.readable.know(append.stream, done.revision);
      return done;
    } catch (error) {
      const { actualVersion } = error as ClientError;
      if (meaningOf(error) === 'conflict' && typeof actualVersion === 'bigint')
        await this.readable.until(append.stream, actualVersion, { endsAt, signal });
      throw error;
    }
  }

  /**
   * Asks by an append that no server stores: it shows what is taken, and whether this user may append.
   *
   * @throws what `send` does, for an append of this size
   */
  async mustTake(bytes: number): Promise<void> {
    if (bytes <= this.taken) return;
    try {
      await askAgain(this.connection, (client, leftMs) => answered(client.probe(bytes, leftMs), leftMs, undefined), {
        withinMs: this.withinMs,
      });
    } catch (error) {
      if (meaningOf(error) !== 'conflict') throw error;
    }
    this.taken = bytes;
  }

  /** @returns the server's limit for an append; null when it takes whatever an import may bring. @throws what `send` does */
  async limit(): Promise<number | null> {
    try {
      await this.mustTake(MAX_IMPORT_BYTES);
      return null;
    } catch (error) {
      const limit = meaningOf(error) === 'too-large' ? limitIn(error) : null;
      if (limit === null) throw error;
      return limit;
    }
  }
}
