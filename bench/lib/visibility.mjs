import { setTimeout as delay } from 'node:timers/promises';
import { product } from './product.mjs';
import { latencies } from './stats.mjs';

/** Between two samples, and between two looks for one: rare enough to cost little beside what is measured. */
const EVERY_MS = 10;
const LOOK_MS = 1;

/** How long it takes from an acknowledged append until the queue shows its task at that revision. */
export class Visibility {
  #acknowledged = null;
  #took = [];
  #isOver = false;
  #sampling = null;

  /** @param {object} task as the append left it */
  acknowledged(task) {
    this.#acknowledged ??= { id: task.id, revision: task.revision, at: performance.now() };
  }

  start({ models }) {
    this.#sampling = this.#sample(models);
  }

  /** @returns percentiles of the samples, ms */
  async stop() {
    this.#isOver = true;
    await this.#sampling;
    return this.#took.length === 0 ? null : latencies(this.#took);
  }

  async #sample(models) {
    const { QUEUE, QUEUE_TASK } = product('projections/queue/queue.projection.js');
    while (!this.#isOver) {
      await delay(EVERY_MS);
      this.#acknowledged = null;
      while (!this.#isOver && this.#acknowledged === null) await delay(LOOK_MS);
      const sample = this.#acknowledged;
      while (!this.#isOver) {
        const row = await models.read(QUEUE, ({ rows }) =>
          rows(QUEUE_TASK.name).select('revision').where('key', '=', sample.id).executeTakeFirst(),
        );
        if (row && BigInt(row.revision) >= sample.revision) break;
        await delay(LOOK_MS);
      }
      if (!this.#isOver) this.#took.push(performance.now() - sample.at);
    }
  }
}
