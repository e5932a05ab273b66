import type { Position, SubscribeOptions } from '../../../application/ports/event-store';
import { backOff } from '../back-off';
import type { Connection } from './connection';
import type { EventQueue, Told } from './event-queue';
import { START } from './places';

/** Events after which the place is handed over although more are waiting. */
const CHECKPOINT_EVERY = 500;

/**
 * A subscription that outlives its connections: the client's own falls silent when its server was gone. Each event again
 * until its handler takes it. Never rejects.
 *
 * @param onFailure is told why there was a break.
 */
export async function followLog(
  connection: Connection,
  options: SubscribeOptions,
  confirmedWithinMs: number,
  onFailure: (error: unknown) => void,
): Promise<void> {
  const { signal } = options;
  const follower = new Follower(options);
  for (let failures = 0; !isAborted(signal);) {
    let queue: EventQueue | null = null;
    try {
      await connection.use(async (client) => {
        queue = client.subscribe(follower.at, options.prefixes, confirmedWithinMs);
        for (let told = await queue.next(signal); told !== null; told = await queue.next(signal)) {
          failures = 0;
          await follower.take(told, queue.isEmpty);
        }
      });
    } catch (error) {
      onFailure(error);
      failures += 1;
    } finally {
      (queue as EventQueue | null)?.stop();
    }
    if (!isAborted(signal)) await backOff(failures, signal);
  }
}

class Follower {
  at: Position;
  private sinceCheckpoint = 0;
  private handedOver: Position;

  constructor(private readonly options: SubscribeOptions) {
    this.at = options.after === 'start' ? START : options.after;
    this.handedOver = this.at;
  }

  async take(told: Told, isLastSoFar: boolean): Promise<void> {
    switch (told.kind) {
      case 'event':
        await this.untilTaken(() => this.options.onEvent(told.event));
        if (this.isOver) return;
        this.at = told.event.position;
        this.sinceCheckpoint += 1;
        if (isLastSoFar || this.sinceCheckpoint >= CHECKPOINT_EVERY) await this.checkpoint();
        return;
      case 'place':
        this.at = told.position;
        await this.checkpoint();
        return;
      case 'caught-up':
        await this.checkpoint();
        if (!this.isOver) this.options.onCaughtUp?.();
    }
  }

  private async checkpoint(): Promise<void> {
    this.sinceCheckpoint = 0;
    if (this.handedOver.commit === this.at.commit) return;
    await this.untilTaken(() => this.options.onCheckpoint?.(this.at));
    this.handedOver = this.at;
  }

  private async untilTaken(hand: () => Promise<void> | void): Promise<void> {
    for (let failures = 1; !this.isOver; failures += 1) {
      try {
        await hand();
        return;
      } catch {
        // Told by what the handler did: it gets the same again.
        await backOff(failures, this.options.signal);
      }
    }
  }

  /** Asked anew each time: a handler may have aborted it. */
  private get isOver(): boolean {
    return this.options.signal.aborted;
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
