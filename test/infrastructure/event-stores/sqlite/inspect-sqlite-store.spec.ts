import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { StoreCorrupt, StoreUnavailable } from '../../../../src/application/ports/event-store';
import { inspectSqliteStore } from '../../../../src/infrastructure/event-stores/sqlite/inspect-sqlite-store';
import { openSqliteEventStore } from '../../../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { HalfCopied } from '../../../../src/infrastructure/sqlite/open-unchanged';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stagegate inspect?#%-'));
  path = join(folder, 'events.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Names and bytes; of the index that every reader touches, the name alone. */
function contents(): readonly string[] {
  return readdirSync(folder).map((name) => {
    const bytes = name.endsWith('-shm') ? '' : readFileSync(join(folder, name));
    return `${name} ${createHash('sha256').update(bytes).digest('hex')}`;
  });
}

const event = (at: Date) => ({ id: randomUUID(), type: 'Noted', data: {}, meta: { at: at.toISOString() } });

async function writeLog(at = new Date()): Promise<void> {
  const store = await openSqliteEventStore(path);
  await store.append('note-web', 'no-stream', [event(at), event(new Date(0))]);
  await store.close();
}

/** Dies with everything it has written in the log beside the file. */
function crash(): void {
  const script = `const Database = require('libsql');
    const database = new Database(process.argv[1]);
    database.exec("insert into es_event values (3, 'note-web', 2, 'e3', 'Noted', '{}', '{}', 1)");
    process.kill(process.pid, 'SIGKILL');`;
  expect(() => execFileSync(process.execPath, ['-e', script, path], { stdio: 'ignore' })).toThrow();
}

test('a store that is closed is read without a trace', async () => {
  const startedMs = Date.now();
  await writeLog();
  const before = contents();
  const facts = await inspectSqliteStore(path);
  expect(facts).toMatchObject({ isCurrent: true, schema: 1, journalMode: 'wal', events: 2 });
  expect(facts.newestMs).toBeGreaterThanOrEqual(startedMs);
  expect(contents()).toEqual(before);
});

test('and so is one that was copied alone: no file is made beside it', async () => {
  await writeLog();
  for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
  expect((await inspectSqliteStore(path)).events).toBe(2);
  expect(readdirSync(folder)).toEqual(['events.db']);
});

test('what a killed process has left in the log is seen, and not taken over', async () => {
  await writeLog();
  crash();
  const before = contents();
  expect((await inspectSqliteStore(path)).events).toBe(3);
  expect(contents()).toEqual(before);
});

test('a log that was copied without its index is not read, because that would make one', async () => {
  await writeLog();
  crash();
  rmSync(`${path}-shm`);
  const before = contents();
  await expect(inspectSqliteStore(path)).rejects.toThrow(HalfCopied);
  expect(contents()).toEqual(before);
});

test('a store in use is read beside its writer', async () => {
  const store = await openSqliteEventStore(path);
  await store.append('note-web', 'no-stream', [event(new Date())]);
  expect((await inspectSqliteStore(path)).events).toBe(1);
  await store.append('note-web', 0n, [event(new Date())]);
  expect((await inspectSqliteStore(path)).events).toBe(2);
  await store.close();
});

test('the latest time is found among the newest events, whoever says it', async () => {
  const future = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_250);
  await writeLog(future);
  expect((await inspectSqliteStore(path)).newestMs).toBeCloseTo(future.getTime(), -1);
});

test('an empty file is a store to be, and stays empty', async () => {
  writeFileSync(path, '');
  expect(await inspectSqliteStore(path)).toMatchObject({ isCurrent: false, schema: 0, events: 0, newestMs: null });
  expect(readFileSync(path)).toHaveLength(0);
});

test('a damaged file, one of another program and one of a newer one are told apart from a store', async () => {
  writeFileSync(path, 'no database '.repeat(1_000));
  await expect(inspectSqliteStore(path)).rejects.toThrow(StoreCorrupt);
  rmSync(path);
  await writeLog();
  const newer = join(folder, 'newer.db');
  cpSync(path, newer);
  change(newer, 'pragma user_version = 99');
  await expect(inspectSqliteStore(newer)).rejects.toThrow(StoreUnavailable);
  const foreign = join(folder, 'foreign.db');
  change(foreign, 'create table other (x)');
  await expect(inspectSqliteStore(foreign)).rejects.toThrow(/a database of another program/);
});

function change(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}
