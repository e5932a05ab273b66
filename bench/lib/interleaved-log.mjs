import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from './product.mjs';

const require = createRequire(import.meta.url);

/**
 * A log by the generator of the test suite: tasks that come one wave after the other, those of a wave interleaved.
 *
 * @param {number} waves how many
 * @param {number} tasks in each
 * @returns its events, as a store would bring them
 */
export async function interleavedLog(waves, tasks) {
  require(join(ROOT, 'test/support/ts-register.cjs'));
  const fromTests = (name) => require(join(ROOT, 'test/projections/support', name));
  const { ReadableLog } = fromTests('readable-log.ts');
  const { LogWriter } = fromTests('log-writer.ts');
  const { writeRandomLog } = fromTests('random-log.ts');
  const events = [];
  for (let wave = 1; wave <= waves; wave += 1) {
    const store = new ReadableLog();
    await writeRandomLog(new LogWriter(store), wave, tasks);
    for (const { stream, data, ...event } of await store.events()) {
      const commit = BigInt(events.length + 1);
      const [named, renamed] = [stream, JSON.stringify(data)].map((text) => text.replace(/\.t(\d+)/g, `.w${wave}t$1`));
      events.push({ ...event, stream: named, data: JSON.parse(renamed), position: { commit, prepare: commit } });
    }
  }
  return events;
}
