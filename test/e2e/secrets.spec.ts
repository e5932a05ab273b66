import fc from 'fast-check';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_VERBS } from '../support/all-verbs';
import { until } from '../contract/support/until';
import { startCli, type RunningCli } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { freePort } from '../support/free-port';
import { HALVES, urlWithSecret } from '../support/malformed-urls';
import { startPostgresLogs, type PostgresLogs } from '../support/postgres-log';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(240_000);

const URLS_PER_VERB = 40;
const SEED = 1919;

const session = new CliSession();
const sample = new SampleRepository();
sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stagegate-secrets-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
afterAll(async () => {
  sample.dispose();
  await session.close();
});

const leaks = (text: string) => HALVES.filter((half) => text.includes(half));

/** Names and contents of everything in a folder. */
function allOf(dir: string): string {
  if (!existsSync(dir)) return '';
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => name + (statSync(join(dir, name)).isFile() ? readFileSync(join(dir, name), 'latin1') : ''))
    .join('\n');
}

function configure(repo: string, suite = 'true'): Record<string, string> {
  const file = join(folder, 'stagegate.yml');
  writeFileSync(
    file,
    JSON.stringify({ projects: { web: { repo, entryStages: ['deploy-staging'], staging: { suite } } } }),
  );
  return { STAGEGATE_STATE_DIR: join(folder, 'state'), STAGEGATE_PROJECTS: file, STAGEGATE_PORT: '0' };
}

describe('a password in a malformed URL is repeated nowhere', () => {
  const [urls] = [fc.sample(urlWithSecret, { numRuns: 4_000, seed: SEED })];
  /** Those that are refused: the others are good, and somebody would have to answer. */
  const malformed = urls
    .map(({ url }) => url)
    .filter((url) => !/^\s*(postgres(ql)?|esdb(\+discover)?|file):/i.test(url) || /[#\s"'\\[\]]|@.*@|%zz/.test(url));

  test.each(ALL_VERBS.map((args) => [args.filter((arg) => arg !== '--').join(' '), args] as const))(
    '%s',
    async (_, args) => {
      const good = configure(sample.dir);
      // It looks at the machine each time, which takes long.
      const some = malformed.slice(0, args[0] === 'doctor' ? 8 : URLS_PER_VERB);
      const names = [
        'STAGEGATE_EVENT_STORE_URL',
        'STAGEGATE_READ_MODEL_URL',
        'STAGEGATE_STATE_DIR',
        'STAGEGATE_PROJECTS',
      ];
      for (const [index, url] of some.entries()) {
        const env = { ...good, [names[index % names.length] ?? '']: url };
        const { stdout, stderr, code } = await session.run(args, env, folder);
        expect({ url, said: leaks(stdout + stderr), code: code === 0 }).toEqual({ url, said: [], code: false });
      }
      for (const url of malformed.slice(0, args[0] === 'doctor' ? 2 : 8)) {
        const { stdout, stderr } = await session.run([...args, '--repo', url], good, folder);
        expect({ url, said: leaks(stdout + stderr) }).toEqual({ url, said: [] });
      }
      expect(leaks(allOf(folder))).toEqual([]);
    },
  );
});

describe('a password in a good URL', () => {
  let logs: PostgresLogs;
  const services: RunningCli[] = [];
  beforeAll(async () => {
    logs = await startPostgresLogs();
  });
  afterEach(async () => {
    for (const { child, ended } of services.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
  });
  afterAll(() => logs.stop());
  const started = (...given: Parameters<typeof startCli>): RunningCli => {
    const service = startCli(...given);
    services.push(service);
    return service;
  };
  const secret = HALVES.join('%40%2F');

  test('of a server that is away is told by no log, no answer, no command and no file', async () => {
    const url = `postgres://ann:${secret}@127.0.0.1:${await freePort()}/log`;
    const env = { ...configure(sample.dir), STAGEGATE_EVENT_STORE_URL: url, STAGEGATE_READ_MODEL_URL: url };
    const port = String(await freePort());
    const service = started(['up'], { ...env, STAGEGATE_PORT: port, STAGEGATE_LOG_LEVEL: 'debug' });
    await service.saw(/the event store cannot be used/);
    const ready = await (await fetch(`http://127.0.0.1:${port}/health/ready`)).text();
    expect(ready).toContain('postgres://ann@127.0.0.1');
    const said = [ready];
    for (const args of ALL_VERBS.filter(([verb = '']) => !['up', 'demo', 'exec', 'land'].includes(verb))) {
      const { stdout, stderr } = await session.run(args, env, folder);
      said.push(stdout, stderr);
    }
    service.child.kill('SIGKILL');
    const { stdout, stderr } = await service.ended;
    expect(leaks([...said, stdout, stderr, allOf(folder)].join('\n'))).toEqual([]);
  });

  test('of a server in use reaches no suite, and no command line', async () => {
    const go = join(folder, 'go');
    const env = {
      ...configure(sample.dir, `env; until test -e ${go}; do sleep 0.05; done`),
      STAGEGATE_READ_MODEL_URL: `${logs.server.url(await logs.create())}&password=${secret}`,
      PGPASSWORD: HALVES[0],
    };
    const service = started(['up', '--json'], env);
    await service.saw(/"url":"([^"]+)"/);
    const line = ['submit', 'feature', '--project', 'web', '--start-stage', 'deploy-staging', '--id', 'T1'];
    expect((await session.run(line, env, folder)).code).toBe(0);
    const logsOf = () => allOf(join(folder, 'state', 'logs'));
    await until('the suite runs', () => logsOf().includes('PATH='), 60_000);
    expect(leaks(commandLines())).toEqual([]);
    writeFileSync(go, '');
    service.child.kill('SIGTERM');
    const { stdout, stderr, code } = await service.ended;
    expect(code).toBe(0);
    expect(leaks(stdout + stderr + allOf(folder))).toEqual([]);
  });
});

/** Of every process of the machine, as `ps` shows them. */
function commandLines(): string {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        // It ended meanwhile.
        return '';
      }
    })
    .join('\n');
}
