/** As the log's own function says it: a position, in as many digits as one can have. */
const POSITION = /^[1-9][0-9]{0,18}$/;
/** How long a hint waits for the answer to an append that is under way. */
const ANSWER_FIRST_MS = 20;
/** After a hint that was not true: whoever sends more of them costs one look in this time, however many they are. */
const PAUSE_MS = 100;

export interface HintsDeps {
  /** The newest position that the log itself has told. */
  readonly seen: () => bigint;
  /** Asks the log for its newest position. Never rejects. */
  readonly look: () => Promise<void>;
  /** The answer to an append, which says more than the hint it causes. */
  readonly isAnswerComing: () => boolean;
  /** Never rejects. */
  readonly pause: (delayMs: number) => Promise<void>;
}

/**
 * What is heard of the log. Whoever may connect to the database may say anything on its channel: a hint is worth a look, and where
 * the log ends is only what the log says. One look at a time, whatever is said meanwhile.
 */
export class Hints {
  private hinted = 0n;
  private isLooking = false;

  constructor(private readonly deps: HintsDeps) {}

  heard(payload: string): void {
    if (!POSITION.test(payload)) return;
    const position = BigInt(payload);
    if (position > this.hinted) this.hinted = position;
    if (!this.isLooking) void this.work();
  }

  private async work(): Promise<void> {
    const { look, pause, isAnswerComing } = this.deps;
    this.isLooking = true;
    while (this.isNew(this.hinted)) {
      // Most likely of what is just being appended here.
      if (isAnswerComing()) await pause(ANSWER_FIRST_MS);
      const latest = this.hinted;
      this.hinted = 0n;
      if (!this.isNew(latest)) continue;
      await look();
      if (this.isNew(latest)) await pause(PAUSE_MS);
    }
    this.isLooking = false;
  }

  private isNew(position: bigint): boolean {
    return position > this.deps.seen();
  }
}
