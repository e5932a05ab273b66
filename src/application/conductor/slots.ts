import type { TaskId } from '../../domain/ids';
import type { Instant } from '../../domain/instant';
import type { JobKind } from '../../domain/task/job-row';
import { aheadOf, inTurn, type Waiter } from '../../domain/turn';

export type SlotLimits = Readonly<Record<JobKind, number>>;

/**
 * How many jobs of each kind run at once in this process. A task without a slot stands in line for one, in the same order as
 * for the lane; whoever is first is looked at when a slot is free.
 */
export class Slots {
  private readonly used = new Map<JobKind, number>();
  private readonly lines = new Map<JobKind, Map<TaskId, Waiter>>();
  /** In which line a task stands: one at a time. */
  private readonly standing = new Map<TaskId, JobKind>();

  constructor(private readonly limits: SlotLimits) {}

  /** @returns false when none is free, or those that are belong to others; the task stands in line then. */
  take(kind: JobKind, waiter: Waiter, now: Instant): boolean {
    const free = this.free(kind);
    this.stand(kind, waiter);
    if (free <= 0 || this.ahead(kind, waiter, now) >= free) return false;
    this.leave(waiter.taskId);
    this.used.set(kind, this.usedOf(kind) + 1);
    return true;
  }

  give(kind: JobKind): void {
    this.used.set(kind, Math.max(0, this.usedOf(kind) - 1));
  }

  /** The task needs no slot any more, or cannot use one now. @returns the kind it stood in line for. */
  leave(task: TaskId): JobKind | null {
    const kind = this.standing.get(task) ?? null;
    if (kind !== null) this.line(kind).delete(task);
    this.standing.delete(task);
    return kind;
  }

  /** The tasks that may have the free slots, in turn. */
  next(kind: JobKind, now: Instant): readonly TaskId[] {
    const free = this.free(kind);
    if (free <= 0) return [];
    return inTurn([...this.line(kind).values()], now)
      .slice(0, free)
      .map(({ taskId }) => taskId);
  }

  /** Of every task that stands in a line: how many stand before it there. */
  places(now: Instant): ReadonlyMap<TaskId, number> {
    const lines = [...this.lines.values()].map((line) => inTurn([...line.values()], now));
    return new Map(lines.flatMap((line) => line.map(({ taskId }, ahead) => [taskId, ahead] as const)));
  }

  private stand(kind: JobKind, waiter: Waiter): void {
    if (this.standing.get(waiter.taskId) !== kind) this.leave(waiter.taskId);
    this.line(kind).set(waiter.taskId, waiter);
    this.standing.set(waiter.taskId, kind);
  }

  private ahead(kind: JobKind, waiter: Waiter, now: Instant): number {
    return aheadOf(waiter, [...this.line(kind).values()], now);
  }

  private free(kind: JobKind): number {
    return this.limits[kind] - this.usedOf(kind);
  }

  private usedOf(kind: JobKind): number {
    return this.used.get(kind) ?? 0;
  }

  private line(kind: JobKind): Map<TaskId, Waiter> {
    const known = this.lines.get(kind);
    if (known) return known;
    const made = new Map<TaskId, Waiter>();
    this.lines.set(kind, made);
    return made;
  }
}
