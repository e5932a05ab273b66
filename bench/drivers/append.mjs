import { createRequire } from 'node:module';
import { compareStreams } from '../lib/expected-streams.mjs';
import { installedVersion } from '../lib/product.mjs';

const require = createRequire(import.meta.url);
const SCHEMA = `create table ev(gp bigserial, stream text not null, rev int not null, type text not null, data jsonb not null,
  at timestamptz not null default now(), primary key(stream, rev))`;
const INSERT = 'insert into ev(stream, rev, type, data) values ($1,$2,$3,$4) on conflict do nothing';

/** Floor: one prepared INSERT per event and caller, each its own commit. */
export function create({ database }) {
  let clients = [];
  let ctx;
  return {
    name: 'append',
    notes: ['floor: one prepared INSERT and one commit per event; the primary key is its only check'],
    needs: ['postgres'],
    version: () => `pg ${installedVersion('pg')}`,
    available: async () => (database ? { ok: true } : { ok: false, reason: 'no PostgreSQL' }),
    async start(given) {
      const { Client } = require('pg');
      ctx = given;
      clients = Array.from({ length: given.C }, () => new Client({ connectionString: database }));
      await Promise.all(clients.map((client) => client.connect()));
      await clients[0].query(SCHEMA);
    },
    async task(id) {
      const client = clients.pop();
      for (let k = 1; k <= ctx.stages; k += 1) {
        ctx.stepStart(id, k);
        const values = [id, k, 'Moved', JSON.stringify(ctx.payload)];
        const { rowCount } = await client.query({ name: 'append', text: INSERT, values });
        if (rowCount !== 1) throw new Error(`${id}: revision ${k} was refused`);
        ctx.done(id, k);
      }
      clients.push(client);
    },
    async verify() {
      const { rows } = await clients[0].query(
        'select stream, array_agg(rev order by gp) as revs from ev group by stream',
      );
      return compareStreams(ctx.acknowledged, new Map(rows.map(({ stream, revs }) => [stream, revs])));
    },
    async stop() {
      await Promise.all(clients.map((client) => client.end()));
    },
  };
}
