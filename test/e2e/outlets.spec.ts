import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { environment, lastJson, runCli, type Environment } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { fullDisk, pipeWithoutReader } from '../support/outlets';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

const CLI = resolve(__dirname, '../../dist/cli.js');
const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-outlets-'));
const env: Record<string, string> = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
};

/** Where stdout and stderr lead. */
const OUTLETS = {
  'both closed': [pipeWithoutReader, pipeWithoutReader],
  'stdout full': [fullDisk, null],
  'stderr full': [null, fullDisk],
} as const;
type Outlet = keyof typeof OUTLETS;
const ALL = Object.keys(OUTLETS) as Outlet[];

interface Case {
  /** @param name differs from outlet to outlet: a branch, or the id of a task. */
  readonly args: (name: string) => readonly string[];
  /** Its outcome where all is well. */
  readonly code: number;
  /** It has nothing to say on stdout. */
  readonly isSilent?: true;
  /** Where that is not the outcome all the same. */
  readonly unless?: Partial<Record<Outlet, number>>;
  readonly before?: (name: string) => Promise<unknown>;
  readonly only?: readonly Outlet[];
  readonly env?: Environment;
}

const land = (branch: string, suite: string) => ['land', branch, '--repo', sample.dir, '--suite', suite];
let runId = '';
const session = new CliSession();
const act = (verb: string, task: string) => session.run([verb, `web.${task}`], env);

const CASES: Readonly<Record<string, Case>> = {
  'land, red': { args: (name) => land(`red-${name}`, 'exit 1'), code: 10 },
  'land, red, as JSON': { args: (name) => [...land(`red-${name}`, 'exit 1'), '--json'], code: 10 },
  'land, green': { args: (name) => land(`green-${name}`, 'true'), code: 0 },
  'exec, 3': { args: () => ['exec', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3'], code: 3 },
  'exec, 0': { args: () => ['exec', '--', 'echo', 'out'], code: 0, unless: { 'stdout full': 125 } },
  'exec, nothing said': { args: () => ['exec', '--', 'true'], code: 0, isSilent: true },
  queue: { args: () => ['queue'], code: 0 },
  show: { args: () => ['show', 'web.task'], code: 0 },
  'show, unknown': { args: () => ['show', 'web.nothing'], code: 2, isSilent: true },
  why: { args: () => ['why', 'web.task'], code: 0 },
  runs: { args: () => ['runs', '--repo', sample.dir], code: 0 },
  log: { args: () => ['log', runId, '--repo', sample.dir], code: 0 },
  submit: { args: (name) => ['submit', 'feature', '--project', 'web', '--id', `submit-${name}`], code: 0 },
  hold: { args: (name) => ['hold', `web.${name}`], code: 0 },
  release: { args: (name) => ['release', `web.${name}`], code: 0, before: (name) => act('hold', name) },
  retry: { args: (name) => ['retry', `web.${name}`], code: 0, before: (name) => act('hold', name) },
  cancel: { args: (name) => ['cancel', `web.${name}`], code: 0 },
  'token create': { args: (name) => ['token', 'create', name, '--scope', 'read'], code: 0 },
  'token list': { args: () => ['token', 'list'], code: 0 },
  'token revoke': {
    args: (name) => ['token', 'revoke', name],
    code: 0,
    before: (name) => session.run(['token', 'create', name, '--scope', 'read'], env),
  },
  doctor: { args: () => ['doctor', '--repo', sample.dir, '--json'], code: 0 },
  migrate: { args: () => ['migrate'], code: 2, isSilent: true },
  rebuild: { args: () => ['rebuild', 'queue'], code: 0 },
  'audit export': { args: () => ['audit', 'export'], code: 0, unless: { 'both closed': 2 } },
  'audit import': {
    args: () => ['audit', 'import', '--in', join(root, 'log.jsonl')],
    code: 0,
    env: { STAGEGATE_STATE_DIR: join(root, 'imported') },
  },
  'demo --once': { args: () => ['demo', '--once'], code: 0, only: ['both closed'] },
  '--help': { args: () => ['--help'], code: 0 },
  help: { args: () => ['help'], code: 0 },
  'help land': { args: () => ['help', 'land'], code: 0 },
  '--version': { args: () => ['--version'], code: 0 },
  'a mistake': { args: () => ['nothing'], code: 2, isSilent: true },
};
const nameOf = (outlet: Outlet) => outlet.replace(' ', '-');

beforeAll(async () => {
  const web = { repo: sample.dir, staging: { suite: 'true' } };
  writeFileSync(join(root, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web } }));
  for (const branch of ['feature', ...ALL.flatMap((outlet) => [`red-${nameOf(outlet)}`, `green-${nameOf(outlet)}`])])
    sample.commit(branch, { [`${branch}.txt`]: `${branch}\n` }, 'main');
  for (const id of ['task', ...ALL.map(nameOf)])
    await session.run(['submit', 'feature', '--project', 'web', '--id', id], env);
  await session.run(['audit', 'export', '--out', join(root, 'log.jsonl')], env);
  await session.run(land('feature', 'echo said; false'), env);
  const runs = lastJson(await session.run(['runs', '--repo', sample.dir, '--json'], env)) as {
    items: { runId: string }[];
  };
  runId = runs.items[0]?.runId ?? '';
});
afterAll(async () => {
  await session.close();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

/** @returns the exit code, and what a side that was open has got. */
async function run(args: readonly string[], outlet: Outlet, more: Environment) {
  const opened = OUTLETS[outlet].map((open) => open?.() ?? null);
  const [stdout, stderr] = opened.map((fd) => fd ?? ('pipe' as const));
  const child = spawn(process.execPath, [CLI, ...args], {
    env: environment({ ...env, ...more }),
    cwd: root,
    stdio: ['ignore', stdout, stderr],
  });
  for (const fd of opened) if (fd !== null) closeSync(fd);
  const said = Promise.all([child.stdout, child.stderr].map(async (stream) => (stream ? text(stream) : '')));
  const [code] = (await once(child, 'close')) as [number | null];
  const [out = '', err = ''] = await said;
  return { code, out, err };
}

const UNWRITTEN = /^stagegate: stdout: expected a place that takes the whole result, saw ENOSPC; /gm;

describe.each(Object.entries(CASES))(
  '%s',
  (_verb, { args, code, unless = {}, isSilent = false, before, only = ALL, env: more = {} }) => {
    it.each(only)('ends with its outcome, %s', async (outlet) => {
      const name = nameOf(outlet);
      await before?.(name);
      const seen = await run(args(name), outlet, more);
      const isLost = outlet === 'stdout full' && !isSilent;
      expect({ outlet, ...seen }).toMatchObject({ outlet, code: unless[outlet] ?? (isLost && code === 0 ? 4 : code) });
      expect(seen.err.match(UNWRITTEN) ?? []).toHaveLength(isLost ? 1 : 0);
      expect(seen.err).not.toMatch(/^ +at |Error:/m);
      if (outlet.startsWith('stderr')) expect(seen.out === '').toBe(isSilent);
    });
  },
);

it('what was asked for has been done all the same', async () => {
  for (const outlet of ALL) {
    expect(sample.git(['log', '-1', '--format=%H', 'main', '--', `green-${nameOf(outlet)}.txt`], sample.dir)).toMatch(
      /^[0-9a-f]{40}/,
    );
    const { code, stdout } = await session.run(['show', `web.submit-${nameOf(outlet)}`, '--json'], env);
    expect({ outlet, code }).toEqual({ outlet, code: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ entry: { branch: 'feature' } });
  }
});

it('in a pipeline of the shell: the first command says how it ended', () => {
  const call = `"${process.execPath}" "${CLI}"`;
  const red = `${call} land feature --repo '${sample.dir}' --suite false --json`;
  const code = (line: string): Promise<string> => {
    const child = spawn('bash', ['-c', `${line}; echo "\${PIPESTATUS[0]}" >&3`], {
      env: environment({}),
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    return text(child.stdio[3] as NodeJS.ReadableStream);
  };
  return Promise.all([
    expect(code(`${red} | head -n 1`)).resolves.toBe('10\n'),
    expect(code(`${red} 2>&1 >/dev/null | head -n 1`)).resolves.toBe('10\n'),
    expect(code(`${call} exec -- sh -c 'seq 100000; exit 7' | head -n 1`)).resolves.toBe('7\n'),
  ]);
});

it('a service goes on without readers, and ends when it is told to', async () => {
  const stdio = [pipeWithoutReader(), pipeWithoutReader()];
  const port = '0';
  const child = spawn(process.execPath, [CLI, 'up'], {
    env: environment({ ...env, STAGEGATE_PORT: port, STAGEGATE_STATE_DIR: join(root, 'service') }),
    cwd: root,
    stdio: ['ignore', ...stdio],
  });
  for (const fd of stdio) closeSync(fd);
  const ended = once(child, 'close');
  const at = { ...env, STAGEGATE_STATE_DIR: join(root, 'service') };
  const isUp = async () => (await runCli(['doctor', '--json'], at, root)).stdout.includes('is ready');
  while (child.exitCode === null && !(await isUp()));
  expect((await runCli(['submit', 'feature', '--project', 'web', '--id', 'x'], at, root)).code).toBe(0);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
