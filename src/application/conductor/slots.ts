import type { JobKind } from '../../domain/task/job-table';

export type SlotLimits = Readonly<Record<JobKind, number>>;

/** How many jobs of each kind run at once. Tasks without a slot wait for "queue"; each freed slot wakes one up. */
export class Slots {
  private readonly used = new Map<JobKind, number>();
  private readonly waiting = new Map<JobKind, Set<string>>();

  constructor(private readonly limits: SlotLimits) {}

  /** @returns false when none is free; the task is then woken when one is. */
  take(kind: JobKind, task: string): boolean {
    const used = this.used.get(kind) ?? 0;
    if (used >= this.limits[kind]) {
      this.waitersOf(kind).add(task);
      return false;
    }
    this.waitersOf(kind).delete(task);
    this.used.set(kind, used + 1);
    return true;
  }

  /** @returns the tasks that may try now, longest waiting first. */
  give(kind: JobKind): readonly string[] {
    this.used.set(kind, Math.max(0, (this.used.get(kind) ?? 0) - 1));
    return [...this.waitersOf(kind)];
  }

  private waitersOf(kind: JobKind): Set<string> {
    const known = this.waiting.get(kind);
    if (known) return known;
    const made = new Set<string>();
    this.waiting.set(kind, made);
    return made;
  }
}
