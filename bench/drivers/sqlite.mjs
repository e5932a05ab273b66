import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compareStreams } from '../lib/expected-streams.mjs';
import { installedVersion } from '../lib/product.mjs';

const require = createRequire(import.meta.url);

const SCHEMA = `create table ev (gp integer primary key, stream text not null, rev integer not null, type text not null,
  data text not null, at integer not null, unique (stream, rev))`;

/** Floor: one prepared INSERT and so one commit per event, durable like the product's (WAL, synchronous = FULL). */
export function create({ dir }) {
  const Database = require('libsql');
  let database;
  let insert;
  let ctx;
  return {
    name: 'sqlite-insert',
    notes: ['floor: one INSERT and one commit per event; the unique key is its only check'],
    needs: [],
    version: () => installedVersion('libsql'),
    available: async () => ({ ok: true }),
    async start(given) {
      ctx = given;
      database = new Database(join(dir, 'floor.db'));
      database.exec('pragma journal_mode = WAL');
      database.exec('pragma synchronous = FULL');
      database.exec(SCHEMA);
      insert = database.prepare('insert into ev (stream, rev, type, data, at) values (?, ?, ?, ?, ?)');
    },
    async task(id) {
      for (let k = 1; k <= ctx.stages; k += 1) {
        ctx.stepStart(id, k);
        insert.run(id, k, 'Moved', JSON.stringify(ctx.payload), Date.now());
        ctx.done(id, k);
        // The driver is synchronous: without this the first caller would keep the others out.
        await null;
      }
    },
    async verify() {
      const stored = new Map();
      const rows = database.prepare('select stream, rev from ev order by gp').raw().all();
      for (const [stream, rev] of rows) stored.set(stream, [...(stored.get(stream) ?? []), rev]);
      return compareStreams(ctx.acknowledged, stored);
    },
    async stop() {
      database.close();
    },
  };
}
