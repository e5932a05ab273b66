import { randomUUID } from 'node:crypto';
import { compareStreams } from '../lib/expected-streams.mjs';
import { openStore } from '../lib/open-store.mjs';
import { product } from '../lib/product.mjs';

const PAGE = 2_000;

/** The product's store through its port: validation, compare-and-set on the stream's revision, one event per append. */
export function create(options) {
  const { taskStream } = product('domain/ids.js');
  let store;
  let ctx;
  return {
    name: 'stagegate store',
    notes: ['conditional append at the port: revision and event-id checks, gap-free positions, group commit'],
    needs: options.database ? ['postgres'] : [],
    version: () => product('../package.json').version,
    available: async () => ({ ok: true }),
    async start(given) {
      ctx = given;
      store = await openStore(options);
    },
    async task(id) {
      let expected = 'no-stream';
      for (let k = 1; k <= ctx.stages; k += 1) {
        ctx.stepStart(id, k);
        const event = { id: randomUUID(), type: 'Moved', data: ctx.payload, meta: {} };
        ({ revision: expected } = await store.append(taskStream(`bench.${id}`), expected, [event]));
        ctx.done(id, k);
      }
    },
    async verify() {
      const stored = new Map();
      let after;
      for (let end = false; !end;) {
        const page = await store.readAll({ ...(after && { after }), prefixes: ['task-'], limit: PAGE });
        for (const { stream, revision } of page.events) {
          const id = stream.slice(taskStream('bench.').length);
          stored.set(id, [...(stored.get(id) ?? []), Number(revision) + 1]);
        }
        ({ next: after, end } = page);
      }
      return compareStreams(ctx.acknowledged, stored);
    },
    async stop() {
      await store.close();
    },
  };
}
