import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runCli, startCli, startService, type RunningCli, type RunningService } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(240_000);

const root = mkdtempSync(join(tmpdir(), 'stagegate-left-test-'));
const places = join(root, 'tmp');
mkdirSync(places);
const sample = new SampleRepository();
const file = join(root, 'stagegate.yml');
const web = { repo: sample.dir, entryStages: ['review'], staging: { suite: 'true', minIsolation: 'none' } };
writeFileSync(file, JSON.stringify({ version: 1, projects: { web } }));
const env = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: file,
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'error',
  TMPDIR: places,
};
let service: RunningService;

beforeAll(async () => {
  service = await startService(env);
  for (const id of ['T1', 'T2']) {
    sample.commit(id, { [`${id}.txt`]: `${id}\n` }, 'main');
    await run('submit', id, '--project', 'web', '--id', id, '--start-stage', 'review');
  }
});
afterAll(async () => {
  await service.stop();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

const run = (...args: string[]) => runCli(args, env, root);
const placesOf = (verb: string) => readdirSync(places).filter((name) => name.startsWith(`stagegate-${verb}-`));

let marks = 0;
const started: RunningCli[] = [];
// A test that fails half way leaves nothing that runs on.
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill('SIGKILL');
});

const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};
const isRunning = (mark: string) =>
  readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && commandOf(pid) === `sleep\0${mark}\0`);

/** Starts one whose command goes on for good. @returns its folder, and what its command is known by. */
async function begin(verb: string, args: readonly string[]): Promise<{ cli: RunningCli; place: string; mark: string }> {
  const before = placesOf(verb);
  const mark = `60${(marks += 1)}.${process.pid}`;
  const cli = startCli([verb, ...args, '--', 'sleep', mark], env, root);
  started.push(cli);
  const ended = cli.ended.then(() => true);
  while (!isRunning(mark)) {
    if (await Promise.race([ended, delay(50, false)]))
      throw new Error(`${verb} has ended before its command was there: ${(await cli.ended).stderr}`);
  }
  const place = placesOf(verb).find((name) => !before.includes(name)) ?? '';
  return { cli, place, mark };
}

test.each([
  ['exec', []],
  ['work', ['--role', 'reviewer']],
])('what a killed %s has left is removed by the next start, and no folder that is in use', async (verb, args) => {
  const killed = await begin(verb, args);
  killed.cli.child.kill('SIGKILL');
  await killed.cli.ended;
  expect(placesOf(verb)).toContain(killed.place);
  const living = await begin(verb, args);
  expect(placesOf(verb)).toEqual([living.place]);
  expect([isRunning(killed.mark), isRunning(living.mark)]).toEqual([false, true]);
  await (verb === 'exec' ? run('exec', '--', 'true') : run('work', '--role', 'tester', '--once', '--', 'true'));
  expect(placesOf(verb)).toEqual([living.place]);
  living.cli.child.kill('SIGINT');
  await living.cli.ended;
  expect(placesOf(verb)).toEqual([]);
});

test('a folder that does not say whose it is stays, and no link is followed', async () => {
  const other = join(places, 'stagegate-exec-other');
  mkdirSync(other);
  const target = join(root, 'target');
  mkdirSync(target);
  writeFileSync(join(target, 'owner'), 'nobody/00000000-0000-0000-0000-000000000000/pid:[1]/1/1');
  symlinkSync(target, join(places, 'stagegate-exec-link'));
  expect((await run('exec', '--', 'true')).code).toBe(0);
  expect(placesOf('exec').sort()).toEqual(['stagegate-exec-link', 'stagegate-exec-other']);
  expect(existsSync(join(target, 'owner'))).toBe(true);
});
