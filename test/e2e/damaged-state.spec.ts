import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import Database from 'libsql';
import { runCli, startCli, type RunningCli } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';
import { orderHeaders } from '../support/operator';

jest.setTimeout(180_000);

/** A state folder that a service has worked in and left: each test has a copy of it. */
const sample = new SampleRepository();
sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
const root = mkdtempSync(join(tmpdir(), 'stagegate-damaged-'));
const template = join(root, 'template');
const projects = join(root, 'stagegate.yml');
writeFileSync(
  projects,
  JSON.stringify({
    version: 1,
    projects: {
      web: { repo: sample.dir, entryStages: ['deploy-staging'], staging: { suite: 'true', timeout: '60s' } },
    },
  }),
);
const session = new CliSession();
const running = new Set<RunningCli>();
let copies = 0;

const envOf = (stateDir: string) => ({
  STAGEGATE_STATE_DIR: stateDir,
  STAGEGATE_PROJECTS: projects,
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'warn',
});

function start(stateDir: string, ...args: readonly string[]): RunningCli {
  const cli = startCli(['up', '--json', ...args], envOf(stateDir));
  running.add(cli);
  void cli.ended.then(() => running.delete(cli));
  return cli;
}

async function stop(cli: RunningCli) {
  cli.child.kill('SIGTERM');
  return cli.ended;
}

/** `ready`, or what it said when it ended. */
async function startOf(stateDir: string, ...args: readonly string[]): Promise<string> {
  const cli = start(stateDir, ...args);
  const isReady = await cli.saw(/"ready"/).then(
    () => true,
    () => false,
  );
  if (isReady) {
    expect((await stop(cli)).code).toBe(0);
    return 'ready';
  }
  const { code, stderr } = await cli.ended;
  expect(code).toBe(2);
  return stderr;
}

async function untilDone(url: string): Promise<void> {
  for (;;) {
    const queue = (await (await fetch(`${url}/queue`)).json()) as { finished: { done: number } };
    if (queue.finished.done === 1) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** `read`, or what the command said when it could not. */
async function readOf(stateDir: string): Promise<string> {
  const { code, stdout, stderr } = await session.run(['queue', '--json'], envOf(stateDir));
  if (code !== 0) return stderr;
  expect(JSON.parse(stdout)).toMatchObject({ finished: { done: 1 } });
  return 'read';
}

const copy = () => {
  const stateDir = join(root, `state-${(copies += 1)}`);
  cpSync(template, stateDir, { recursive: true });
  return stateDir;
};

beforeAll(async () => {
  const cli = start(template);
  const [, url = ''] = await cli.saw(/"url":"([^"]+)"/);
  expect(
    (
      await runCli(
        ['submit', 'feature', '--project', 'web', '--id', 'T1', '--start-stage', 'deploy-staging'],
        envOf(template),
      )
    ).code,
  ).toBe(0);
  await untilDone(url);
  expect((await stop(cli)).code).toBe(0);
});
afterAll(async () => {
  await Promise.all([...running].map(stop));
  rmSync(root, { recursive: true, force: true });
  sample.dispose();
  await session.close();
});

const DAMAGE = {
  garbage: (path: string) => {
    writeFileSync(path, randomBytes(8_192));
  },
  empty: (path: string) => {
    writeFileSync(path, '');
  },
  'half of it': (path: string) => {
    if (existsSync(path)) truncateSync(path, Math.floor(readFileSync(path).length / 2));
    else writeFileSync(path, '{"');
  },
  'other JSON': (path: string) => {
    writeFileSync(path, 'null');
  },
  'a folder': (path: string) => {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(join(path, 'in-it'), { recursive: true });
  },
  'a link to itself': (path: string) => {
    rmSync(path, { recursive: true, force: true });
    symlinkSync(path, path);
  },
} as const;
type Damage = keyof typeof DAMAGE;
const ALL = Object.keys(DAMAGE) as Damage[];

const READ = /^read$/;
const READY = /^ready$/;
type Expected = readonly [name: string, what: Readonly<Partial<Record<Damage, RegExp>>>, otherwise: RegExp];

/** Every file of a state folder that a command reads, and what it says when the file is not what it was. */
const READ_BY_ALL: readonly Expected[] = [
  [
    'events.db',
    { empty: /expected log [0-9a-f]{16} .*, saw an empty file; .*--new-log/ },
    /^stagegate: .*events\.db: [^\n]+\n$/,
  ],
  ['read-model.db', { 'a link to itself': /^stagegate: .*read-model\.db: [^\n]+\n$/ }, READ],
  ['import.json', {}, /^stagegate: .*import\.json: expected the note of an import, saw [^\n]+\n$/],
  ['log.json', {}, READ],
  ['up.json', {}, READ],
  ['landing-now/web.T1', {}, READ],
];

/** And those that only a service reads. */
const READ_BY_A_SERVICE: readonly Expected[] = [['runs/r1.json', {}, READY]];

async function damaged(name: string, damage: Damage, look: (stateDir: string) => Promise<string>): Promise<string> {
  const stateDir = copy();
  const path = join(stateDir, name);
  mkdirSync(dirname(path), { recursive: true });
  DAMAGE[damage](path);
  return look(stateDir);
}

describe.each(READ_BY_ALL)('%s', (name, what, otherwise) => {
  it.each(ALL)('as %s', async (damage) => {
    expect(await damaged(name, damage, readOf)).toMatch(what[damage] ?? otherwise);
  });
});

describe.each(READ_BY_A_SERVICE)('%s', (name, what, otherwise) => {
  it.each(ALL)('as %s', async (damage) => {
    expect(await damaged(name, damage, startOf)).toMatch(what[damage] ?? otherwise);
  });
});

it('read models that are made again say so, and show what they showed', async () => {
  const stateDir = copy();
  writeFileSync(join(stateDir, 'read-model.db'), randomBytes(8_192));
  const cli = start(stateDir);
  await cli.saw(/"ready"/);
  const queue = await runCli(['queue', '--json'], envOf(stateDir));
  expect(JSON.parse(queue.stdout)).toMatchObject({ finished: { done: 1 } });
  const { stderr } = await stop(cli);
  expect(stderr).toContain('they are made again');
});

it.each([
  ['other columns in a table', 'alter table queue_task_g1 rename column state to other'],
  ['a table that is gone', 'drop table task_event_g1'],
  ['another table of generations', 'drop table read_model_generation; create table read_model_generation (a)'],
])('read models with %s are made again', async (_, sql) => {
  const stateDir = copy();
  const database = new Database(join(stateDir, 'read-model.db'));
  database.exec(sql);
  database.close();
  expect(await startOf(stateDir)).toBe('ready');
  const { stdout } = await runCli(['show', 'web.T1', '--json'], envOf(stateDir));
  expect(JSON.parse(stdout)).toMatchObject({ entry: { stage: 'done' } });
});

it('the log in place of the read models is left alone', async () => {
  const stateDir = copy();
  cpSync(join(stateDir, 'events.db'), join(stateDir, 'read-model.db'));
  expect(await startOf(stateDir)).toMatch(
    /^stagegate: .*read-model\.db: expected read models, saw a database of another kind/,
  );
});

it('a store that was closed is no cause for alarm', async () => {
  const { stdout } = await runCli(['doctor', '--json'], envOf(copy()));
  const { checks } = JSON.parse(stdout) as { checks: readonly { name: string; verdict: string; seen: string }[] };
  expect(checks.find(({ name }) => name === 'event store')).toMatchObject({ verdict: 'ok' });
  expect(checks.find(({ name }) => name === 'read models')).toMatchObject({ verdict: 'ok' });
});

it('of two services on one state folder each is found as long as it runs', async () => {
  const stateDir = copy();
  const [first, second] = [start(stateDir), start(stateDir)];
  await Promise.all([first.saw(/"ready"/), second.saw(/"ready"/)]);
  expect((await stop(second)).code).toBe(0);
  const pid = (JSON.parse(readFileSync(join(stateDir, 'up.json'), 'utf8')) as { worker: string }).worker.split('/')[3];
  expect(Number(pid)).toBe(first.child.pid);
  expect((await stop(first)).code).toBe(0);
  expect(existsSync(join(stateDir, 'up.json'))).toBe(false);
});

describe('a log that is gone', () => {
  it.each(['queue', 'submit feature --project web', 'rebuild', 'audit export', 'up'])(
    'ends %s with one line',
    async (verb) => {
      const stateDir = copy();
      rmSync(join(stateDir, 'events.db'));
      const { code, stdout, stderr } = await runCli(verb.split(' '), envOf(stateDir));
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^stagegate: .*expected log [0-9a-f]{16} .*, saw no file; [^\n]*--new-log\n$/);
      expect(existsSync(join(stateDir, 'events.db'))).toBe(false);
    },
  );

  it('is missed without the note too: by the read models, the artifacts or the repositories', async () => {
    for (const kept of ['read-model.db', 'artifacts', 'repos']) {
      const stateDir = join(root, `state-${(copies += 1)}`);
      mkdirSync(stateDir);
      cpSync(join(template, kept), join(stateDir, kept), { recursive: true });
      expect(await startOf(stateDir)).toMatch(
        /^stagegate: .*expected the log that .*, saw (no file|an empty log); [^\n]*--new-log\n$/,
      );
    }
  });

  it('another one in its place is refused, and accepted with --new-log; the old artifacts are moved', async () => {
    const [stateDir, other] = [copy(), join(root, `state-${(copies += 1)}`)];
    expect(await startOf(other)).toBe('ready');
    cpSync(join(other, 'events.db'), join(stateDir, 'events.db'));
    expect(await startOf(stateDir)).toMatch(/expected log [0-9a-f]{16} .*, saw log [0-9a-f]{16}; [^\n]*--new-log\n$/);
    expect(await startOf(stateDir, '--new-log')).toBe('ready');
    expect(await startOf(stateDir)).toBe('ready');
    expect(existsSync(join(stateDir, 'artifacts', 'web'))).toBe(false);
  });

  it('is begun anew with --new-log', async () => {
    const stateDir = copy();
    rmSync(join(stateDir, 'events.db'));
    expect(await startOf(stateDir, '--new-log')).toBe('ready');
    expect(await startOf(stateDir)).toBe('ready');
  });
});

it('a state folder that is removed under a service: not ready, and nothing is acknowledged any more', async () => {
  const stateDir = copy();
  const cli = start(stateDir);
  const [, url = ''] = await cli.saw(/"url":"([^"]+)"/);
  const headers = orderHeaders(stateDir, url);
  rmSync(stateDir, { recursive: true });
  const ready = await fetch(`${url}/health/ready`);
  expect(ready.status).toBe(503);
  const body = JSON.stringify({ project: 'web', branch: 'feature', id: 'T2', startStage: 'deploy-staging' });
  const submitted = await fetch(`${url}/v1/tasks`, { method: 'POST', headers, body });
  expect(submitted.status).toBe(503);
  expect(await submitted.json()).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await stop(cli);
});
