import { OutcomeUnknown, StoreBusy, type AppendOptions } from '../../application/ports/event-store';
import type { AppendDecision } from './append-decision';
import type { ValidAppend } from './validate-append';

/** Where batches go. One at a time. */
export interface BatchWriter {
  /** Gets ready to commit; meanwhile more appends may join. @throws what all that wait are then told. */
  prepare(): Promise<void>;
  /** Stores the batch in one commit. @returns a decision for each, in order. An empty batch only undoes `prepare`. */
  commit(batch: readonly ValidAppend[]): Promise<readonly AppendDecision[]> | readonly AppendDecision[];
  /** Whether one append of a batch may have spoilt the others: nothing is stored, and each is worth a try alone. */
  mayBeOneOfMany(error: unknown): boolean;
}

/** Appends of one commit: more would keep the others, and on an embedded store the event loop, too long. */
const MOST_APPENDS = 64;
const MOST_BYTES = 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * Group commit: while one batch is being committed, appends of other callers gather and go together in the next one. There
 * is no timer, so a lone caller waits for nobody. Each append keeps its own outcome.
 */
export class CommitQueue {
  private readonly waiting: Waiting[] = [];
  private working: Promise<void> | null = null;

  constructor(
    private readonly writer: BatchWriter,
    private readonly onCommitted: (batch: readonly ValidAppend[], decisions: readonly AppendDecision[]) => void,
  ) {}

  /**
   * @throws StoreBusy when the time is over before it was sent: nothing is stored; OutcomeUnknown when it is over after.
   */
  append(append: ValidAppend, { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: AppendOptions = {}): Promise<AppendDecision> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.abandon(waiting, `within ${timeoutMs} ms`);
      }, timeoutMs);
      const onAbort = () => {
        this.abandon(waiting, 'before its caller gave up');
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const release = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const waiting = new Waiting(append, resolve, reject, release);
      this.waiting.push(waiting);
      if (signal?.aborted) onAbort();
      this.working ??= this.work();
    });
  }

  /** Whether a batch is under way, or about to be. */
  get isWorking(): boolean {
    return this.working !== null;
  }

  /** Resolves when every append that was asked for has its answer. */
  async idle(): Promise<void> {
    await this.working;
  }

  private abandon(waiting: Waiting, within: string): void {
    if (waiting.isSent) {
      const message = `expected an answer ${within}, saw none; the append may be stored: send the same one again`;
      waiting.reject(new OutcomeUnknown('STORE_OUTCOME_UNKNOWN', message));
      return;
    }
    this.waiting.splice(this.waiting.indexOf(waiting), 1);
    const message = `expected the event store to be free ${within}, others still write; nothing is stored, try again`;
    waiting.reject(new StoreBusy('STORE_BUSY', message));
  }

  private async work(): Promise<void> {
    do {
      // Callers of this turn of the event loop come along, and those whose last append has just been answered.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.waiting.length > 0) await this.sendNext();
    } while (this.waiting.length > 0);
    this.working = null;
  }

  private async sendNext(): Promise<void> {
    try {
      await this.writer.prepare();
    } catch (error) {
      for (const waiting of this.waiting.splice(0)) waiting.reject(error);
      return;
    }
    await this.send(this.next());
  }

  private next(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { append } of this.waiting) {
      bytes += append.bytes;
      if (count === MOST_APPENDS || (count > 0 && bytes > MOST_BYTES)) break;
      count += 1;
    }
    const batch = this.waiting.splice(0, count);
    for (const waiting of batch) waiting.isSent = true;
    return batch;
  }

  private async send(batch: readonly Waiting[]): Promise<void> {
    try {
      const appends = batch.map(({ append }) => append);
      const decisions = await this.writer.commit(appends);
      // Followers first: whoever is answered may go on to something long.
      this.onCommitted(appends, decisions);
      batch.forEach((waiting, index) => {
        waiting.resolve(decisions[index] as AppendDecision);
      });
    } catch (error) {
      if (batch.length > 1 && this.writer.mayBeOneOfMany(error)) await this.sendEachAlone(batch);
      else for (const waiting of batch) waiting.reject(error);
    }
  }

  private async sendEachAlone(batch: readonly Waiting[]): Promise<void> {
    for (const waiting of batch) {
      try {
        await this.writer.prepare();
      } catch (error) {
        waiting.reject(error);
        continue;
      }
      await this.send([waiting]);
    }
  }
}

/** An append and the caller who waits for its decision. */
class Waiting {
  isSent = false;

  constructor(
    readonly append: ValidAppend,
    private readonly onDecision: (decision: AppendDecision) => void,
    private readonly onError: (error: unknown) => void,
    private readonly release: () => void,
  ) {}

  resolve(decision: AppendDecision): void {
    this.release();
    this.onDecision(decision);
  }

  reject(error: unknown): void {
    this.release();
    this.onError(error);
  }
}
