import type { Taken } from '../../application/outside/work-requests';
import type { Client } from '../client';
import { Refused } from '../user-error';

/** Well within a minute, so that each that counts for the log is stored, and one that gets lost costs nothing. */
export const HEARTBEAT_EVERY_MS = 20_000;

/** Answers that no later heartbeat changes: the claim is not this worker's any more. */
const FINAL = new Set(['stale-claim', 'not-your-claim', 'claim-ended', 'task-is-final', 'unknown-task', 'not-allowed']);

/** Says every now and then that the worker is still there. */
export class Heartbeats {
  private readonly ended = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  private deadlineMs: number;

  constructor(
    private readonly client: Pick<Client, 'heartbeat'>,
    private readonly taken: Pick<Taken, 'task' | 'claim' | 'secret' | 'deadlineAt'>,
    everyMs = HEARTBEAT_EVERY_MS,
  ) {
    this.deadlineMs = Date.parse(taken.deadlineAt);
    this.timer = setInterval(() => void this.beat(), everyMs);
  }

  /** Aborts when the claim is lost; its reason is a line that says how. */
  get lost(): AbortSignal {
    return this.ended.signal;
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  /** A service that does not answer may be back before the claim's time is over. */
  private async beat(): Promise<void> {
    const { task, claim, secret } = this.taken;
    try {
      const { deadlineAt } = await this.client.heartbeat(task, { claim, secret });
      this.deadlineMs = Date.parse(deadlineAt);
    } catch (error) {
      const isFinal = error instanceof Refused && FINAL.has(error.code);
      if (isFinal || Date.now() > this.deadlineMs) this.lose(error instanceof Error ? error.message : String(error));
    }
  }

  private lose(why: string): void {
    if (this.timer === null) return;
    this.stop();
    this.ended.abort(why);
  }
}
