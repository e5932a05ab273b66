/** One simulated process, as far as time is concerned. */
export interface Owner {
  alive: boolean;
  /** Virtual milliseconds; nothing of a paused process happens before. */
  pausedUntil: number;
}

interface Entry {
  at: number;
  seq: number;
  readonly owner: Owner | null;
  readonly run: () => void;
  cancelled: boolean;
}

/** Virtual time. One thing happens at a time, in an order that the seed decides. */
export class Scheduler {
  now = 0;
  steps = 0;
  private readonly heap: Entry[] = [];
  private seq = 0;

  /** @returns cancels it. */
  schedule(owner: Owner | null, delayMs: number, run: () => void): () => void {
    const entry: Entry = { at: this.now + Math.max(0, delayMs), seq: this.seq++, owner, run, cancelled: false };
    this.push(entry);
    return () => {
      entry.cancelled = true;
    };
  }

  /** Runs what is due until `until`, or until nothing is left. */
  runUntil(until: number): Promise<void> {
    // From an own macrotask, because microtasks cannot be drained from within one of them.
    return new Promise((resolve) => {
      setImmediate(() => {
        this.runDue(until);
        resolve();
      });
    });
  }

  private runDue(until: number): void {
    for (let entry = this.heap[0]; entry && entry.at <= until; entry = this.heap[0]) {
      this.pop();
      if (entry.cancelled || (entry.owner && !entry.owner.alive)) continue;
      this.now = Math.max(this.now, entry.at);
      if (entry.owner && entry.owner.pausedUntil > this.now) {
        Object.assign(entry, { at: entry.owner.pausedUntil, seq: this.seq++ });
        this.push(entry);
        continue;
      }
      this.steps += 1;
      entry.run();
      drainMicrotasks();
    }
    this.now = Math.max(this.now, until);
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (isBefore(heap[parent] as Entry, entry)) break;
      heap[i] = heap[parent] as Entry;
      i = parent;
    }
    heap[i] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right && isBefore(right, heap[child] as Entry)) child += 1;
      if (isBefore(last, heap[child] as Entry)) break;
      heap[i] = heap[child] as Entry;
      i = child;
    }
    heap[i] = last;
  }
}

/**
 * Everything that follows from a step without waiting for virtual time happens before the next step. `setImmediate` would do
 * too, and cost 10 us a step for asking the kernel; this is what Node itself calls after every callback.
 */
function drainMicrotasks(): void {
  (process as unknown as { _tickCallback: () => void })._tickCallback();
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.seq < b.seq);
}
