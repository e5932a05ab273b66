import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { makeProgram } from '../../src/cli/program';
import { CHAIN_START, toNewEvents } from '../../src/application/envelope';
import type { JsonObject, JsonValue } from '../../src/domain/json';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { environment, lastJson } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';
import { HOSTILE, HOSTILE_ARGUMENT, unsafeIn } from '../support/unsafe-characters';

jest.setTimeout(120_000);

const CLI = resolve(__dirname, '../../dist/cli.js');
const SAMPLES = resolve(__dirname, '../fixtures/events');
const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-steered-'));
const env: Record<string, string> = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
};
const session = new CliSession();
/** Every event of a task that there is, each planted in a task of its own. */
const names = readdirSync(SAMPLES).map((file) => file.replace(/\..*$/, ''));
const planted = names.filter((name) => !/^(?:Lane|PolicyRecorded|TaskSubmitted)/.test(name));

beforeAll(async () => {
  const web = { repo: sample.dir, staging: { suite: 'true' } };
  writeFileSync(join(root, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web } }));
  const store = await openSqliteEventStore(join(root, 'state', 'events.db'));
  const hasher = new NodeHasher();
  for (const name of planted) {
    const stream = `task-web.${name}`;
    const facts = ['TaskSubmitted', name].map((type) => ({ type, data: hostile(dataOf(type, name)) as JsonObject }));
    const fields = {
      occurredAt: '2026-01-01T00:00:00.000Z',
      actor: HOSTILE_ARGUMENT,
      worker: HOSTILE_ARGUMENT,
      correlationId: HOSTILE_ARGUMENT,
      causationId: HOSTILE_ARGUMENT,
      policyDigest: null,
    };
    const at = { stream, expected: 'no-stream', chain: CHAIN_START } as const;
    const { events } = toNewEvents(hasher, at, facts, {}, fields, () => new CryptoIds().uuid());
    await store.append(stream, 'no-stream', events);
  }
  await store.close();
});
afterAll(async () => {
  await session.close();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

function dataOf(type: string, task: string): JsonObject {
  const stored = JSON.parse(readFileSync(join(SAMPLES, `${type}.v1.json`), 'utf8')) as { data: JsonObject };
  return type === 'TaskSubmitted'
    ? { ...stored.data, taskId: `web.${task}`, project: 'web', startStage: 'created' }
    : stored.data;
}

/** Members that hold one of a few words, which a reader of the log relies on. */
const WORDS =
  /^(?:stage|startStage|from|to|result|gate|outcome|kind|role|severity|failureClass|budget|key|request|source|producer|project|taskId)$/;
/** Numbers, times, digests and ids. */
const STRUCTURE = /^(?:\d+|\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{8,})$/;

/** The same with something planted in every text. */
function hostile(value: JsonValue, name = ''): JsonValue {
  if (typeof value === 'string')
    return WORDS.test(name) || STRUCTURE.test(value) ? value : `${value}${HOSTILE_ARGUMENT}`;
  if (Array.isArray(value))
    return [
      ...value.map((one) => hostile(one as JsonValue)),
      ...(value.length === 0 && /Paths|evidence/.test(name) ? [HOSTILE_ARGUMENT] : []),
    ];
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, hostile(one as JsonValue, key)]));
}

/** Runs it for people and for programs. @returns both outputs. */
async function expectSafe(args: readonly string[], more: Record<string, string> = {}, cwd = root): Promise<string> {
  let all = '';
  for (const flags of [[], ['--json']]) {
    const [verb = '', ...rest] = args;
    const isNested = verb === 'audit';
    const called = isNested ? [verb, rest[0] ?? '', ...flags, ...rest.slice(1)] : [verb, ...flags, ...rest];
    const { stdout, stderr } = await session.run(called, { ...env, ...more }, cwd);
    // The log itself goes into a pipe as it is.
    const said = (args[1] === 'export' ? '' : stdout) + stderr;
    expect({
      called,
      unsafe: unsafeIn(said),
      faked: /^stagegate: all is well/m.test(said),
    }).toEqual({ called, unsafe: [], faked: false });
    all += said;
  }
  return all;
}

describe('planted in every text of every event', () => {
  it.each(planted)('%s: no verb that reads it lets it through', async (name) => {
    for (const verb of ['show', 'why']) {
      const said = await expectSafe([verb, `web.${name}`]);
      if (verb === 'show') expect(said).toContain('\\u202e');
      expect(said).not.toContain('internal error');
    }
  });

  it.each([
    ['queue'],
    ['runs'],
    ['rebuild'],
    ['doctor'],
    ['queue', '--at', '20'],
    ['hold', 'web.TaskHeld', '--reason', HOSTILE_ARGUMENT],
    ['release', 'web.TaskHeld', '--reason', HOSTILE_ARGUMENT],
    ['cancel', 'web.TaskHeld', '--reason', HOSTILE_ARGUMENT],
  ])('%j', async (...args) => {
    expect(await expectSafe(args)).not.toContain('internal error');
  });

  it('audit export onto a terminal; into a pipe it gives the bytes that the digest is of', async () => {
    const piped = await session.run(['audit', 'export'], env, root);
    expect(unsafeIn(piped.stdout)).toContain('U+202e');
    const shown = await onTerminal(['audit', 'export']);
    expect(unsafeIn(shown)).toEqual([]);
    const logOf = (text: string) =>
      text
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as object);
    expect(logOf(shown)).toEqual(logOf(piped.stdout));
  });
});

describe('planted in what is given to a verb', () => {
  const verbs = leavesOf(makeProgram(() => undefined)).filter((verb) => !['up', 'demo'].includes(verb.name()));

  it.each(verbs.map((verb) => [nameOf(verb).join(' '), verb] as const))(
    '%s: as argument, value and flag',
    async (_name, verb) => {
      const needed = verb.options
        .filter(({ mandatory }) => mandatory)
        .flatMap(({ long = '' }) => [long, HOSTILE_ARGUMENT]);
      const values = verb.registeredArguments.filter(({ required }) => required).map(() => HOSTILE_ARGUMENT);
      const name = nameOf(verb);
      await expectSafe([...name, ...needed, ...(verb.name() === 'exec' ? ['--'] : []), ...values]);
      await expectSafe([...name, `--${HOSTILE_ARGUMENT}`, ...values]);
      for (const { long, required, optional } of verb.options.filter(({ long }) => long !== '--json'))
        if (required || optional)
          await expectSafe([
            ...name,
            ...needed,
            `${long ?? ''}=${HOSTILE_ARGUMENT}`,
            ...(verb.name() === 'exec' ? ['--'] : []),
            ...values,
          ]);
    },
  );

  it('in the environment, in the name of a file, and in the project file', async () => {
    for (const name of [
      'STAGEGATE_PORT',
      'STAGEGATE_PROJECTS',
      'STAGEGATE_EVENT_STORE_URL',
      'STAGEGATE_STATE_DIR',
      'STAGEGATE_LOG_LEVEL',
      'STAGEGATE_X',
    ])
      await expectSafe(['queue'], { [name]: HOSTILE_ARGUMENT });
    const folder = join(root, 'folder', HOSTILE_ARGUMENT.replaceAll('/', ''));
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'stagegate.yml');
    writeFileSync(
      file,
      JSON.stringify({ version: 1, [HOSTILE]: HOSTILE, projects: { [HOSTILE]: { repo: HOSTILE, [HOSTILE]: 1 } } }),
    );
    for (const verb of ['queue', 'doctor']) await expectSafe([verb], { STAGEGATE_PROJECTS: file });
    await expectSafe(['doctor'], { STAGEGATE_STATE_DIR: folder });
  });

  it('by whoever answers in the place of the service', async () => {
    const problem = JSON.stringify({ detail: HOSTILE, worker: 'w' });
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/health/live' ? 200 : 422;
      response.end(problem);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      const stateDir = join(root, 'foreign');
      mkdirSync(stateDir);
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      writeFileSync(join(stateDir, 'up.json'), JSON.stringify({ url, worker: 'w' }));
      for (const args of [['queue'], ['why', 'web.x'], ['doctor']])
        await expectSafe(args, { STAGEGATE_STATE_DIR: stateDir });
    } finally {
      server.close();
    }
  });
});

it('planted in the output of a suite, in what git says, and in the names of files', async () => {
  const file = 'shared\u001b[31m\u202e.txt';
  sample.commit('one', { [file]: 'one\n', 'a.txt': 'a\n' }, 'main');
  sample.commit('two', { [file]: 'two\n' }, 'main');
  writeFileSync(join(root, 'hostile.txt'), HOSTILE);
  const suite = (end: string) => `cat ${join(root, 'hostile.txt')}; cat ${join(root, 'hostile.txt')} >&2; ${end}`;
  const land = (branch: string, end: string) =>
    expectSafe(['land', '--repo', sample.dir, '--infra-retries', '0', '--suite', suite(end), '--', branch]);
  await land('one', 'exit 1');
  await land('one', 'kill -9 $$');
  await land('one', 'true');
  expect(await land('two', 'true')).toContain('conflict: ');
  const runs = lastJson(await session.run(['runs', '--repo', sample.dir, '--json'], env)) as {
    items: { runId: string }[];
  };
  const runId = runs.items.at(-1)?.runId ?? '';
  const piped = await session.run(['log', runId, '--repo', sample.dir], env);
  expect(piped.stdout).toContain(HOSTILE);
  const shown = await onTerminal(['log', runId, '--repo', sample.dir]);
  expect({ unsafe: unsafeIn(shown), shown }).toMatchObject({
    unsafe: [],
    shown: expect.stringContaining('ared') as string,
  });
  const json = await session.run(['log', runId, '--repo', sample.dir, '--json'], env);
  expect(unsafeIn(json.stdout)).toEqual([]);
  for (const { id } of (
    lastJson(await session.run(['queue', '--repo', sample.dir, '--json'], env)) as {
      stages: { tasks: { id: string }[] }[];
    }
  ).stages.flatMap(({ tasks }) => tasks))
    for (const verb of ['show', 'why']) await expectSafe([verb, id, '--repo', sample.dir]);
});

it('exec: into a pipe what the command said, onto a terminal what cannot steer it', async () => {
  const args = ['exec', '--', 'sh', '-c', `cat '${join(root, 'hostile.txt')}'`];
  writeFileSync(join(root, 'hostile.txt'), HOSTILE);
  expect((await session.run(args, env, root)).stdout).toBe(HOSTILE);
  expect(unsafeIn(await onTerminal(args))).toEqual([]);
});

/** What a terminal is given: by script(1), which is part of every Debian. */
async function onTerminal(args: readonly string[]): Promise<string> {
  const quoted = [process.execPath, CLI, ...args].map((one) => `'${one.replaceAll("'", "'\\''")}'`).join(' ');
  const said = await new Promise<string>((done, failed) => {
    execFile(
      'script',
      ['--quiet', '--return', '--command', quoted, '/dev/null'],
      { env: environment(env), cwd: root, maxBuffer: 64 << 20 },
      (error, out) => {
        if (error) failed(new Error(out, { cause: error }));
        else done(out);
      },
    );
  });
  return said.replaceAll('\r\n', '\n');
}

function leavesOf(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function nameOf(verb: Command): readonly string[] {
  return verb.parent?.parent ? [...nameOf(verb.parent), verb.name()] : [verb.name()];
}
