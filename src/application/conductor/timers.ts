import { epochMs, type Instant } from '../../domain/instant';
import type { TaskId } from '../../domain/ids';
import type { Cancel, Clock } from '../ports/clock';

/** One wake-up per task; a new one replaces the old. */
export class Timers {
  private readonly pending = new Map<TaskId, Cancel>();

  constructor(
    private readonly clock: Clock,
    private readonly wake: (task: TaskId) => void,
  ) {}

  set(task: TaskId, at: Instant): void {
    this.clear(task);
    const delayMs = Math.max(0, epochMs(at) - this.clock.now());
    const cancel = this.clock.after(delayMs, () => {
      this.pending.delete(task);
      this.wake(task);
    });
    this.pending.set(task, cancel);
  }

  clear(task: TaskId): void {
    this.pending.get(task)?.();
    this.pending.delete(task);
  }

  stop(): void {
    for (const task of [...this.pending.keys()]) this.clear(task);
  }
}
