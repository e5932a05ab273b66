import { createHash, randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../../src/cli/doctor/finding';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { bootId } from '../../src/infrastructure/processes/proc/proc-table';
import { ProcWorkerHost } from '../../src/infrastructure/processes/proc/proc-worker-host';
import { until as eventually } from '../contract/support/until';
import { ChainedLog } from '../support/chained-log';
import { lastJson, runCli, startCli, type CliResult } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { rowsUnder } from '../docs/pages';
import { until } from '../support/process-yard';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(60_000);

const template = new SampleRepository();
let sample: SampleRepository;
let stateDir: string;
let projects: string;
let env: Record<string, string>;
const listening: Server[] = [];
const session = new CliSession();
afterAll(async () => {
  template.dispose();
  await session.close();
});

beforeEach(() => {
  sample = new SampleRepository({ like: template.root });
  stateDir = join(sample.root, 'state');
  projects = join(sample.root, 'stagegate.yml');
  writeFileSync(
    projects,
    JSON.stringify({ version: 1, projects: { web: { repo: sample.dir, staging: { suite: 'true' } } } }),
  );
  env = {
    STAGEGATE_STATE_DIR: stateDir,
    STAGEGATE_PROJECTS: projects,
    STAGEGATE_PORT: '0',
    STAGEGATE_LOG_LEVEL: 'error',
  };
});
afterEach(() => {
  for (const server of listening.splice(0)) server.close();
  sample.dispose();
});

interface Report {
  readonly checks: readonly Finding[];
  readonly verdict: string;
}

async function doctor(more: Record<string, string> = {}, args: readonly string[] = []) {
  const result = await session.run(['doctor', '--json', ...args], { ...env, ...more }, sample.root);
  return reportOf(result);
}

function reportOf(result: CliResult) {
  // One object and nothing else: no warning, no stack.
  expect(result.stderr).toBe('');
  expect(result.stdout.trim().split('\n')).toHaveLength(1);
  const { checks, verdict } = lastJson(result) as Report;
  const of = (name: string) => {
    const found = checks.find((check) => check.name === name);
    if (!found) throw new Error(`no check ${name} in ${result.stdout}`);
    return found;
  };
  return {
    code: result.code,
    checks,
    verdict,
    of,
  };
}

/**
 * Every file below a folder with a digest of it; but the index that every reader of a database touches, and an empty log of
 * one: the driver removes that only once the garbage of the connection that `writeLog` has closed is collected.
 */
function contentsOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.endsWith('-shm') && !(name.endsWith('-wal') && statSync(join(folder, name)).size === 0))
    .map((name) => {
      const path = join(folder, name);
      if (!statSync(path).isFile()) return name;
      return `${name} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
    })
    .sort();
}

/** @returns the port; closed after the test, however that ends. */
async function listen(server: Server): Promise<number> {
  listening.push(server);
  server.listen(0, '127.0.0.1');
  await until(() => server.listening);
  return (server.address() as AddressInfo).port;
}

/** A log with events, as a service leaves it. */
async function writeLog(): Promise<string> {
  const path = join(stateDir, 'events.db');
  const store = await openSqliteEventStore(path);
  await new ChainedLog(store).append('note-web', ...Array.from({ length: 300 }, () => ({})));
  await store.close();
  return path;
}

/** A folder that comes first in PATH. */
function withPrograms(programs: Readonly<Record<string, string>>): Record<string, string> {
  const bin = join(sample.root, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), script);
    chmodSync(join(bin, name), 0o755);
  }
  return { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
}

test('without a configuration it says what is missing and how to begin, and makes nothing', async () => {
  const folder = join(sample.root, 'empty');
  mkdirSync(folder);
  const other = createHttpServer((_, answer) => answer.end(JSON.stringify({ status: 'live', worker: 'b/1' })));
  const port = await listen(other);
  const { code, stdout, stderr } = await runCli(['doctor'], { STAGEGATE_PORT: String(port) }, folder);
  expect([code, stderr]).toEqual([3, '']);
  expect(stdout).toContain(
    `fail  project file     not usable
      ${folder}/stagegate.yml: expected the project file, saw ENOENT; write one (stagegate.example.yml shows how) or set STAGEGATE_PROJECTS to its path
      to begin without a project file: stagegate demo shows everything on a sample, stagegate land <branch> --suite <command> lands one branch
warn  repositories     not looked at
      expected a usable project file, saw none; correct that first
`,
  );
  expect(stdout).toContain(
    `fail  port             127.0.0.1:${port} is taken by another stagegate (worker b/1)
      STAGEGATE_PORT: expected a free port, saw 127.0.0.1:${port} taken by another stagegate (worker b/1); stop it or choose another port
`,
  );
  expect(stdout).toMatch(/\n\d+ ok, \d+ to look at, 2 failed\n$/);
  expect(readdirSync(folder)).toEqual([]);
});

test('a mistake in the configuration and an old git leave the rest to be looked at', async () => {
  const path = withPrograms({ git: '#!/bin/sh\necho git version 2.30.2\n' });
  const { code, of } = await doctor({ ...path, STAGEGATE_STATEDIR: '/x' });
  expect(code).toBe(3);
  expect(of('git')).toEqual({
    name: 'git',
    verdict: 'fail',
    seen: '2.30.2',
    fix: ['git: expected version 2.39 or newer, saw 2.30.2; install one and put its folder first in PATH'],
  });
  expect(of('configuration')).toMatchObject({ verdict: 'fail', seen: 'not usable' });
  expect(of('configuration').fix).toEqual([
    expect.stringMatching(/^STAGEGATE_STATEDIR: unknown variable; did you mean STAGEGATE_STATE_DIR\?/),
  ]);
  expect(of('event store')).toMatchObject({
    verdict: 'warn',
    fix: ['expected a usable configuration, saw none; correct that first'],
  });
  expect(of('repositories').fix).toEqual(['expected a git that can be asked, saw none; correct that first']);
  expect(of('node').verdict).toBe('ok');
});

test('a shadow that has no agent to run beside is told', async () => {
  const staging = { suite: 'true', shadow: true };
  const testing = { suite: 'true', shadow: true };
  const agents = { tester: { command: 'true' } };
  const web = { repo: sample.dir, staging, testing, agents };
  writeFileSync(projects, JSON.stringify({ version: 1, projects: { web } }));
  expect((await doctor()).of('project file')).toMatchObject({
    verdict: 'warn',
    fix: ['web: expected agents.deployer beside staging.shadow, saw none; configure it, or take staging.shadow out'],
  });
});

test('everything broken at once is one finding each, and is left as it was', async () => {
  const path = await writeLog();
  const bytes = readFileSync(path);
  bytes.fill(0x58, 4096, bytes.length - 4096);
  writeFileSync(path, bytes);
  writeFileSync(join(stateDir, 'read-model.db'), 'no database '.repeat(1_000));
  chmodSync(stateDir, 0o755);
  sample.git(['update-ref', '-d', 'refs/heads/main'], sample.dir);
  const port = await listen(createServer((socket) => socket.destroy()));
  const before = contentsOf(sample.root);
  const { code, verdict, of } = await doctor({ STAGEGATE_PORT: String(port) });
  expect([code, verdict]).toEqual([3, 'fail']);
  for (const name of ['event store', 'read models', 'port', 'repository web']) expect(of(name).verdict).toBe('fail');
  expect(of('event store').fix).toEqual([
    expect.stringMatching(
      /events\.db: expected an event store, saw a damaged or foreign file \(.*\); restore it from a backup or move it away$/,
    ),
  ]);
  expect(of('read models').fix).toEqual([
    expect.stringMatching(
      /read-model\.db: expected read models of this log, saw .*; move it away, it is made again at the next start$/,
    ),
  ]);
  expect(of('port').fix).toEqual([
    `STAGEGATE_PORT: expected a free port, saw 127.0.0.1:${port} taken by somebody else; stop it or choose another port`,
  ]);
  expect(of('state directory')).toMatchObject({
    verdict: 'warn',
    fix: [`${stateDir}: expected mode 700, saw 755; chmod 700 it: logs may hold secrets`],
  });
  expect(of('repository web').fix).toEqual([
    `web: expected a branch of ${sample.dir}, saw no main; name the one where it lands`,
  ]);
  expect(contentsOf(sample.root)).toEqual(before);
});

test('beside a running service all is ok, and after its death it says what that has left; to the last byte as it was', async () => {
  await writeLog();
  const up = startCli(['up', '--json'], env);
  let worker = '';
  try {
    const [, url = ''] = await up.saw(/"url":"([^"]+)"/);
    ({ worker } = JSON.parse(readFileSync(join(stateDir, 'up.json'), 'utf8')) as { worker: string });
    const { port } = new URL(url);
    await untilSubscribersBegan(url);
    await untilNothingIsWritten();
    const before = contentsOf(sample.root);
    const { code, checks, of } = await doctor({ STAGEGATE_PORT: port });
    expect(contentsOf(sample.root)).toEqual(before);
    expect(code).toBe(0);
    // How well runs can be isolated and how full the disk is, is for the machine to say.
    const ofState = checks.filter(({ name }) => name !== 'isolation' && name !== 'disk');
    expect(ofState.filter(({ verdict, fix }) => verdict !== 'ok' || fix.length > 0)).toEqual([]);
    expect(of('event store').seen).toBe(`${stateDir}/events.db: 304 events, quick_check ok, schema 1, durable`);
    expect(of('read models').seen).toBe('at the head of the log, quick_check ok');
    expect(of('repository web').seen).toBe(`${sample.dir}: main at ${sample.head('main')?.slice(0, 12) ?? ''}`);
    expect(of('port').seen).toBe(`127.0.0.1:${port} is that of our own service`);
    expect(of('service').seen).toBe(`${url} is ready`);
    const documented = rowsUnder('docs/cli.md', 'Checks').map(([name = '']) => name.replace(/ \(.*/, ''));
    expect(checks.map(({ name }) => name.replace(' web', ''))).toEqual(documented);
  } finally {
    up.child.kill('SIGKILL');
    await up.ended;
  }
  const cookie = randomUUID();
  const orphan = spawn('sleep', ['60'], { env: { PATH: process.env['PATH'], SG_RUN: cookie }, stdio: 'ignore' });
  try {
    writeRun({ runId: 'r1', cookie, worker });
    writeRun({ runId: 'r2', cookie: randomUUID(), worker: new ProcWorkerHost().self });
    const before = contentsOf(sample.root);
    const { code, of } = await doctor();
    expect(contentsOf(sample.root)).toEqual(before);
    expect([code, of('service').verdict, of('left-overs').verdict]).toEqual([0, 'warn', 'warn']);
    expect(of('service').fix).toEqual([
      `up.json: expected a service that lives, saw ${worker} dead; start it again with stagegate up`,
    ]);
    expect(of('left-overs').fix).toEqual([
      `runs/: expected no run of a dead worker, saw 1 (pids ${orphan.pid ?? 0}); start stagegate up, or land again: both end them first`,
    ]);
  } finally {
    orphan.kill('SIGKILL');
  }
});

function writeRun(run: { runId: string; cookie: string; worker: string }): void {
  mkdirSync(join(stateDir, 'runs'), { recursive: true });
  const text = JSON.stringify({ ...run, bootId: bootId(), cgroup: null });
  writeFileSync(join(stateDir, 'runs', `${run.runId}.json`), `${text}\n`);
}

test('the state of land is looked at by --repo, with no configuration at all', async () => {
  const empty = await session.run(['doctor', '--json', '--repo', sample.dir], {}, sample.root);
  const { code, checks, of } = reportOf(empty);
  expect([code, of('repository repo').verdict]).toEqual([0, 'ok']);
  expect(checks.map(({ name }) => name)).not.toContain('configuration');
  expect(existsSync(join(sample.dir, 'stagegate'))).toBe(false);
  sample.git(['worktree', 'add', '--quiet', '--force', join(sample.root, 'second'), 'main']);
  const held = reportOf(await session.run(['doctor', '--json', '--repo', sample.work], {}, sample.root));
  expect([held.code, held.of('repository repo').fix]).toEqual([
    3,
    [expect.stringMatching(/^repo: expected the files of main .*, is checked out at .* and at .*git switch --detach/)],
  ]);
});

test('a state directory that may not be written is said so, to whom it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-doctor-'));
  try {
    const file = join(folder, 'stagegate.yml');
    writeFileSync(file, readFileSync(projects));
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'state'), { mode: 0o500 });
    const { uid, result } = await asOrdinaryUser(folder, {
      ...env,
      STAGEGATE_STATE_DIR: join(folder, 'state'),
      STAGEGATE_PROJECTS: file,
    });
    const { code, of } = reportOf(result);
    expect(code).toBe(3);
    expect(of('state directory')).toMatchObject({
      verdict: 'fail',
      fix: [
        `${folder}/state: expected user ${uid} to write here, saw a refusal; check owner and permissions, or set STAGEGATE_STATE_DIR`,
      ],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const NOBODY = 65_534;

/** Root may write everywhere, so it hands the command to somebody who may not. */
async function asOrdinaryUser(cwd: string, more: Record<string, string>): Promise<{ uid: number; result: CliResult }> {
  const own = process.getuid?.() ?? NOBODY;
  if (own !== 0) return { uid: own, result: await runCli(['doctor', '--json'], more, cwd) };
  const bin = withPrograms({});
  const cli = join(__dirname, '../../dist/cli.js');
  const who = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
  const child = spawn('setpriv', [...who, process.execPath, cli, 'doctor', '--json'], {
    cwd,
    env: { ...more, ...bin },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ uid: NOBODY, result: { code, signal, stdout, stderr } });
    });
  });
}

/** Alerts and artifacts each note in the log where they begin; after that, nothing more is appended by itself. */
async function untilSubscribersBegan(url: string): Promise<void> {
  const queue = async () => (await (await fetch(`${url}/queue`)).json()) as { subscribers: readonly object[] };
  await eventually('all have begun', async () => (await queue()).subscribers.length === 3);
}

/** What the subscribers have begun with is in the read models a moment later; doctor is asked when the service has no more to write. */
async function untilNothingIsWritten(): Promise<void> {
  let last = '';
  let since = performance.now();
  await eventually('the service has written all', async () => {
    const now = JSON.stringify(contentsOf(sample.root));
    if (now !== last) [last, since] = [now, performance.now()];
    return Promise.resolve(performance.now() - since > 1_000);
  });
}
