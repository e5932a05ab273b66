import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ProjectionRunner } from '../../src/projections/projection-runner';
import { PROJECTIONS } from '../../src/projections/projections';
import { ReadableLog } from './support/readable-log';
import { dump, runnerDeps, Workspace } from './support/harness';
import { LogWriter } from './support/log-writer';
import { writeRandomLog } from './support/random-log';

const SUPPORT = join(__dirname, 'support');
const SEED = 11;
const TASKS = 350;

const transpiled = mkdtempSync(join(tmpdir(), 'stagegate-transpiled-'));
let space: Workspace;
let expected: string;

beforeAll(async () => {
  space = new Workspace();
  const store = new ReadableLog();
  await writeRandomLog(new LogWriter(store), SEED, TASKS);
  const db = await space.open();
  await new ProjectionRunner(runnerDeps(store, db), PROJECTIONS).catchUp();
  expected = await dump(db, PROJECTIONS);
  await space.remove();
});
beforeEach(() => {
  space = new Workspace();
});
afterEach(() => space.remove());
afterAll(() => {
  rmSync(transpiled, { recursive: true, force: true });
});

/** A process that projects the whole log into this test's file. */
function child(): ChildProcess {
  const hook = join(SUPPORT, 'typescript-hook.cjs');
  const args = ['--require', hook, join(SUPPORT, 'catch-up-child.ts'), space.path, String(SEED), String(TASKS)];
  const env = { ...process.env, STAGEGATE_TEST_TRANSPILED: transpiled };
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
}

async function exitCode(process: ChildProcess): Promise<number | null> {
  const [code] = (await once(process, 'exit')) as [number | null];
  return code;
}

test('processes that are killed at any moment lose nothing and double nothing', async () => {
  for (const afterMs of [0, 20, 60]) {
    const victim = child();
    const ended = exitCode(victim);
    await Promise.race([once(victim.stdout!, 'data'), ended]);
    await delay(afterMs);
    victim.kill('SIGKILL');
    await ended;
  }
  expect(await exitCode(child())).toBe(0);
  expect(await dump(await space.open(), PROJECTIONS)).toBe(expected);
});

test('four processes that start at once leave what one would', async () => {
  const codes = await Promise.all(Array.from({ length: 4 }, () => exitCode(child())));
  expect(codes).toEqual([0, 0, 0, 0]);
  expect(await dump(await space.open(), PROJECTIONS)).toBe(expected);
});
