import Database from 'libsql';
import type { EventStore } from '../../../src/application/ports/event-store';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS seen (position INTEGER PRIMARY KEY, times INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS checkpoint (id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL);
INSERT OR IGNORE INTO checkpoint VALUES (1, 0)`;

/**
 * A read model with its checkpoint in the same transaction: counts how often it was given each event. Ends when it has
 * caught up.
 *
 * @param dieAfter kills this process between the n-th event's row and its checkpoint.
 */
export async function consume(store: EventStore, readModel: string, dieAfter: number | null): Promise<number> {
  const database = openReadModel(readModel);
  const [at] = database.prepare('select position from checkpoint').raw().get() as [number];
  const count = database.prepare(
    'insert into seen values (?, 1) on conflict (position) do update set times = times + 1',
  );
  const move = database.prepare('update checkpoint set position = ?');
  const stopping = new AbortController();
  let handled = 0;
  const { done } = store.subscribe({
    after: { commit: BigInt(at), prepare: BigInt(at) },
    prefixes: ['task-'],
    onPage: (events, next) => {
      database.exec('begin immediate');
      for (const { position } of events) {
        count.run(position.commit);
        handled += 1;
        if (handled === dieAfter) process.kill(process.pid, 'SIGKILL');
      }
      move.run(next.commit);
      database.exec('commit');
    },
    onCaughtUp: () => {
      stopping.abort();
    },
    signal: stopping.signal,
  });
  await done;
  database.close();
  return handled;
}

/** @returns how often each event was counted. */
export function timesSeen(readModel: string): readonly number[] {
  const database = openReadModel(readModel);
  const rows = database.prepare('select times from seen order by position').raw().all() as [number][];
  database.close();
  return rows.map(([times]) => times);
}

function openReadModel(path: string): Database.Database {
  const database = new Database(path, { timeout: 5_000 });
  // Kill -9 loses nothing that was handed to the system; only a power cut would, and that is not tried here.
  database.exec('pragma journal_mode = WAL; pragma synchronous = OFF');
  database.exec(SCHEMA);
  return database;
}
