import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

const READ =
  'select position, stream_id, revision, event_id, type, data, meta, created_at from es_event where position > ? order by position limit ?';
const TABLE =
  'create table queue (stream text primary key, revision integer not null, type text not null, at integer not null)';
const UPSERT = `insert into queue select value ->> 'stream', value ->> 'revision', value ->> 'type', value ->> 'at' from json_each(?) where true
  on conflict (stream) do update set revision = excluded.revision, type = excluded.type, at = excluded.at where revision < excluded.revision`;

/** The embedded store's file, read by the driver alone. @param {{dir: string}} options where it is */
export async function openRaw({ dir }) {
  const Database = require('libsql');
  const log = new Database(join(dir, 'events.db'));
  const opened = [log];
  const read = log.prepare(READ).raw();
  return {
    async *pages(size) {
      for (let after = 0; ;) {
        const rows = read.all(after, size);
        yield rows.map(toEvent);
        if (rows.length < size) return;
        after = rows.at(-1)[0];
      }
    },
    async openFloorTable(round) {
      const database = new Database(join(dir, `floor-${round}.db`));
      opened.push(database);
      database.exec('pragma journal_mode = WAL');
      database.exec('pragma synchronous = NORMAL');
      database.exec(TABLE);
      const upsert = database.prepare(UPSERT);
      return {
        upsert: async (rows) => upsert.run(JSON.stringify(rows)),
        count: async () => database.prepare('select count(*) from queue').raw().all()[0][0],
      };
    },
    async close() {
      for (const database of opened) database.close();
    },
  };
}

function toEvent([position, stream, revision, id, type, data, meta, at]) {
  return { position, stream, revision, id, type, data: JSON.parse(data), meta: JSON.parse(meta), at };
}
