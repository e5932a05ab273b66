import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';
import { OwedNotes } from '../../../src/infrastructure/system/owed-notes';

const ID = (n: number) => `0000000${n}-0000-4000-8000-000000000000`;
const stateDir = mkdtempSync(join(tmpdir(), 'stagegate-owed-'));
const folder = join(stateDir, 'owed');
const store = new MemoryEventStore();
const notes = new OwedNotes(stateDir, store);

beforeAll(async () => {
  const event = (n: number) => ({ id: ID(n), type: 'X', data: {}, meta: {} });
  await store.append('task-web.T1', 'no-stream', [event(0), event(1), event(2)]);
  await store.append('task-web.T2', 'no-stream', [event(3)]);
});
afterAll(() => {
  rmSync(stateDir, { recursive: true, force: true });
});

function note(n: number, from: string, task = 'web.T1'): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${ID(n)}.json`), JSON.stringify({ worker: 'w', task, from, ids: [ID(n)] }));
}

test('where nothing was ever owed, nothing is', async () => {
  expect(await notes.origin()).toBeNull();
});

test('whoever takes up a folder of an older version begins before the first that is owed', async () => {
  note(3, '0', 'web.T2');
  note(2, '2');
  writeFileSync(join(folder, `${ID(8)}.json`), '{"worker":"gone","task":5}');
  writeFileSync(join(folder, `${ID(9)}.json`), 'none');
  expect(await notes.origin()).toEqual({ stream: 'task-web.T1', revision: '1' });
});

test('what was noted and not stored asks for nothing, and all of it goes', async () => {
  await notes.remove();
  expect(existsSync(folder)).toBe(false);
  note(7, '1');
  note(6, '0', 'web.T7');
  expect(await notes.origin()).toBeNull();
});
