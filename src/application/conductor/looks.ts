import type { TaskId } from '../../domain/ids';
import type { Revision } from '../../domain/fact';
import type { Clock } from '../ports/clock';
import { sleep } from '../sleep';

/**
 * Why a task is looked at: an event of that revision, so that a state that holds it is new enough; or anything else
 * (`latest`), for which only the stream itself can tell.
 */
export type Occasion = Revision | 'latest';

/** Something beside the task changed. What its own stream says is told by its own events. */
export const AS_KNOWN: Occasion = 0n;
/** A look reads a stream; this many of them take a few milliseconds, which nobody notices. */
const LOOKS_AT_ONCE = 20;
const BETWEEN_LOOKS_MS = 1;

export interface LooksDeps {
  readonly clock: Clock;
  /** No further look once it is aborted. */
  readonly signal: AbortSignal;
  readonly conducts: (task: TaskId) => boolean;
  readonly lookOnce: (task: TaskId, occasion: Occasion) => Promise<void>;
  readonly lookFailed: (task: TaskId, error: unknown) => Promise<void>;
}

/** Which tasks are being looked at: each by one look at a time, and once more for whatever came up meanwhile. */
export class Looks {
  /** What each is to be looked at again for. */
  private readonly underWay = new Map<TaskId, Occasion | null>();
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly deps: LooksDeps) {}

  /** Looks at a task soon. Cheap to call too often; never concurrent for one task. */
  at(task: TaskId, occasion: Occasion = 'latest'): void {
    if (this.deps.signal.aborted || !this.deps.conducts(task)) return;
    const again = this.underWay.get(task);
    if (again === undefined) this.begin(task, occasion);
    else this.underWay.set(task, again === null ? occasion : later(again, occasion));
  }

  /** Looks at many tasks, some at a time: whoever asks the service for something meanwhile gets an answer in between. */
  async atAll(tasks: readonly TaskId[]): Promise<void> {
    const { clock, signal } = this.deps;
    for (let first = 0; first < tasks.length; first += LOOKS_AT_ONCE) {
      if (first > 0) await sleep(clock, BETWEEN_LOOKS_MS, signal);
      for (const task of tasks.slice(first, first + LOOKS_AT_ONCE)) this.at(task);
    }
  }

  /** Resolves when the looks that are under way now have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.running);
  }

  private begin(task: TaskId, occasion: Occasion): void {
    const look = this.untilQuiet(task, occasion);
    this.running.add(look);
    void look.finally(() => this.running.delete(look));
  }

  private async untilQuiet(task: TaskId, first: Occasion): Promise<void> {
    const { signal, lookOnce, lookFailed } = this.deps;
    try {
      for (let occasion: Occasion | null = first; occasion !== null && !signal.aborted;) {
        this.underWay.set(task, null);
        await lookOnce(task, occasion);
        occasion = this.underWay.get(task) ?? null;
      }
    } catch (error) {
      await lookFailed(task, error);
    } finally {
      this.underWay.delete(task);
    }
  }
}

function later(one: Occasion, other: Occasion): Occasion {
  if (one === 'latest' || other === 'latest') return 'latest';
  return one > other ? one : other;
}
