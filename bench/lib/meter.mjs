import { latencies, rounded } from './stats.mjs';

/**
 * Watches one run: what counts is what is acknowledged between the end of the warm-up and the end of the window. Nothing
 * here needs a timer, so that an engine which never leaves the event loop is measured like any other.
 */
export class Meter {
  #startedAt = performance.now();
  #openedAt = null;
  #closedAt = null;
  #cpu = { before: null, after: null };
  #counted = 0;
  #last = new Map();
  #latencies = [];
  #firsts = [];
  /** Acknowledged transitions of each task, over the whole run. */
  acknowledged = new Map();

  /**
   * @param {{warmupMs: number, windowMs: number, leastTransitions?: number, capMs?: number}} window
   * @param {() => Record<string, number>} readCpu CPU used so far, µs, by whom
   */
  constructor(window, readCpu) {
    this.window = { leastTransitions: 0, capMs: Infinity, ...window };
    this.readCpu = readCpu;
  }

  get isOver() {
    return this.#closedAt !== null;
  }

  taskStarted(id) {
    this.#last.set(id, performance.now());
    this.acknowledged.set(id, 0);
  }

  stepStarted(id, k) {
    if (k === 1 && this.#openedAt !== null && !this.isOver) this.#firsts.push(performance.now() - this.#last.get(id));
  }

  /** Transition `k` of the task is known to be durable. */
  done(id) {
    const now = performance.now();
    this.acknowledged.set(id, this.acknowledged.get(id) + 1);
    const tookMs = now - this.#last.get(id);
    this.#last.set(id, now);
    if (this.isOver) return;
    if (this.#openedAt === null) {
      if (now - this.#startedAt < this.window.warmupMs) return;
      this.#cpu.before = this.readCpu();
      this.#openedAt = performance.now();
      return;
    }
    this.#counted += 1;
    this.#latencies.push(tookMs);
    if (this.#isFull(now - this.#openedAt)) {
      this.#closedAt = now;
      this.#cpu.after = this.readCpu();
    }
  }

  /** @returns the measured part of a result record. */
  result() {
    if (!this.isOver) throw new Error('the window never closed');
    const wallS = (this.#closedAt - this.#openedAt) / 1000;
    const { before, after } = this.#cpu;
    const cpu = Object.entries(after).map(([who, us]) => [who, rounded((us - before[who]) / this.#counted)]);
    const total = cpu.reduce((sum, [, us]) => sum + us, 0);
    return {
      wall_s: rounded(wallS),
      transitions: this.#counted,
      tps: rounded(this.#counted / wallS),
      lat_ms: latencies(this.#latencies),
      first_ms: this.#firsts.length > 0 ? latencies(this.#firsts) : null,
      cpu_us: { ...Object.fromEntries(cpu), total: rounded(total) },
    };
  }

  #isFull(elapsedMs) {
    const { windowMs, leastTransitions, capMs } = this.window;
    return elapsedMs >= capMs || (elapsedMs >= windowMs && this.#counted >= leastTransitions);
  }
}
