import { runInChild } from './child.mjs';

/**
 * Runs engines in rounds, in a new order each, between controls: before the first of a round, after every third engine,
 * and at the end. Neighbouring rounds share the control between them.
 *
 * @param {object} plan
 * @param {readonly number[]} plan.C tasks in flight, one block each
 * @param {object} plan.control job of the control
 * @param {readonly object[]} plan.engines jobs of the engines
 * @param {(run: (given: object) => Promise<object>) => Promise<object>} plan.around what every run is given, and adds to its
 *   record
 * @param {(record: object) => void} emit called for every run, in order
 */
export async function runRounds({ rounds, C, control, engines, around = (run) => run({}) }, emit) {
  for (const lanes of C) {
    let order = 0;
    const run = async (job, round) => {
      const record = await around((given) => runInChild('one.mjs', { ...job, ...given, C: lanes }));
      emit({ engine: job.label, workload: job.workload, C: lanes, ...record, round, order: order++ });
    };
    for (let round = 1; round <= rounds; round += 1) {
      await run(control, round);
      const shuffled = shuffle(engines);
      for (const [index, job] of shuffled.entries()) {
        await run(job, round);
        if ((index + 1) % 3 === 0 && index + 1 < shuffled.length) await run(control, round);
      }
    }
    await run(control, rounds);
  }
}

function shuffle(items) {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}
