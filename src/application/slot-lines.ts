import type { TaskId } from '../domain/ids';
import type { Instant } from '../domain/instant';

/** What this process knows of the lines for its slots, for whoever shows it: slots are no part of the log. */
export class SlotLines {
  private ask: (task: TaskId, now: Instant) => number | null = () => null;

  /** @param ask how many stand before a task; null for one that stands in no line. */
  follow(ask: (task: TaskId, now: Instant) => number | null): void {
    this.ask = ask;
  }

  aheadOf(task: TaskId, now: Instant): number | null {
    return this.ask(task, now);
  }
}
