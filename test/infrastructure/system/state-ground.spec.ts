import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateGround } from '../../../src/infrastructure/system/state-ground';

const MIB = 1024 * 1024;
const PLENTY = { freeBytes: 1024 * MIB, totalBytes: 2048 * MIB, freeFiles: 1_000 };

let root: string;
let state: string;
let log: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stagegate-ground-'));
  state = join(root, 'state');
  log = join(state, 'events.db');
  mkdirSync(state);
  for (const name of [log, `${log}-wal`]) writeFileSync(name, 'log');
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

it('is firm while everything is where it was', () => {
  expect(new StateGround(state, log, () => PLENTY).obstacle()).toBeNull();
});

it('is not while the state folder is gone, and is again when it is moved back', () => {
  const ground = new StateGround(state, log, () => PLENTY);
  renameSync(state, join(root, 'aside'));
  expect(ground.obstacle()).toMatchObject({
    code: 'STATE_DIR_GONE',
    message: `state folder ${state}: expected it to stay where it is, saw it gone while it was in use; move it back, or stop the service, restore it and start again`,
  });
  renameSync(join(root, 'aside'), state);
  expect(ground.obstacle()).toBeNull();
});

it.each(['events.db', 'events.db-wal'])('is not while %s is gone, and is again when it is moved back', (name) => {
  const ground = new StateGround(state, log, () => PLENTY);
  renameSync(join(state, name), join(root, name));
  expect(ground.obstacle()).toMatchObject({
    code: 'LOG_FILE_GONE',
    message: expect.stringContaining('gone') as string,
  });
  renameSync(join(root, name), join(state, name));
  expect(ground.obstacle()).toBeNull();
});

it('asks for a restart where a copy is in the place of the log', () => {
  const ground = new StateGround(state, log, () => PLENTY);
  copyFileSync(log, join(root, 'copy'));
  renameSync(join(root, 'copy'), log);
  expect(ground.obstacle()).toMatchObject({
    code: 'LOG_FILE_GONE',
    message: `log ${log}: expected it to stay where it is, saw something else in its place; stop the service, see that the right one is there, and start again`,
  });
});

it('looks at no file of the log where a server has it', () => {
  const ground = new StateGround(state, null, () => PLENTY);
  rmSync(log);
  expect(ground.obstacle()).toBeNull();
});

it.each([
  ['too few bytes', { ...PLENTY, freeBytes: 16 * MIB - 1 }, '15 MiB'],
  ['no file', { ...PLENTY, freeFiles: 0 }, 'no room for another file'],
])('is not while the disk has room for %s, and is again when there is room', (_, full, seen) => {
  let space = full;
  const ground = new StateGround(state, log, () => space);
  expect(ground.obstacle()).toMatchObject({
    code: 'DISK_FULL',
    message: `${state}: expected 16 MiB of free space at least, saw ${seen}; free some, and the service goes on by itself`,
  });
  space = PLENTY;
  expect(ground.obstacle()).toBeNull();
});

it('is firm where the file system counts no files', () => {
  expect(new StateGround(state, log, () => ({ ...PLENTY, freeFiles: null })).obstacle()).toBeNull();
});
