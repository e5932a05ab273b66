import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../contract/support/until';
import { lastJson, startCli, type RunningCli } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';
import { orderHeaders } from '../support/operator';

jest.setTimeout(180_000);

const session = new CliSession();
const sample = new SampleRepository();
sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
let folder: string;
let env: Record<string, string>;
const services: RunningCli[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stagegate-aside-'));
  env = {
    STAGEGATE_STATE_DIR: join(folder, 'state'),
    STAGEGATE_PROJECTS: join(folder, 'stagegate.yml'),
    STAGEGATE_PORT: '0',
    STAGEGATE_LOG_LEVEL: 'error',
  };
});
afterEach(async () => {
  for (const { child, ended } of services.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});
afterAll(async () => {
  sample.dispose();
  await session.close();
});

async function up(projects: object): Promise<string> {
  writeFileSync(env['STAGEGATE_PROJECTS'] ?? '', JSON.stringify({ projects }));
  const service = startCli(['up', '--json'], env);
  services.push(service);
  const [, url = ''] = await service.saw(/"url":"([^"]+)"/);
  return url;
}

const staging = { suite: 'true', minIsolation: 'none' };
const project = (repo: string, more: object = {}) => ({ repo, entryStages: ['deploy-staging'], staging, ...more });
const submit = (name: string, branch = 'feature') =>
  session.run(['submit', branch, '--project', name, '--id', 'T1', '--start-stage', 'deploy-staging', '--json'], env);
const json = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T;

interface Aside {
  readonly project: string;
  readonly cause: string;
  readonly since: string | null;
}

test('what cannot work is one project’s: it is set aside with its cause, and the others run', async () => {
  mkdirSync(join(folder, 'no-git'));
  const missing = join(folder, 'missing.git');
  const typo = { reviewer: { command: ['agent', '{promt}'] } };
  const url = await up({
    good: project(sample.dir),
    missing: project(missing),
    nogit: project(join(folder, 'no-git')),
    trunk: project(sample.dir, { main: 'trunk' }),
    typo: project(sample.dir, { agents: typo }),
  });
  expect((await submit('good')).code).toBe(0);
  await until(
    'the good one has landed',
    async () => {
      const { stage } = await json<{ stage: string }>(`${url}/v1/tasks/good.T1/why`);
      return stage === 'done';
    },
    60_000,
  );

  const causes = new Map([
    ['missing', /^expected a git repository at .*missing\.git, saw none$/],
    ['nogit', /^expected a git repository at .*no-git, saw none$/],
    ['trunk', /^expected a branch trunk in .*, saw none$/],
    ['typo', /^stagegate\.yml:1: .*|stagegate\.yml:1: projects\.typo\.agents\.reviewer\.command\.1: expected \{role\}/],
  ]);
  const ready = await json<{ status: string; set_aside: Aside[] }>(`${url}/health/ready`);
  const queue = await json<{ set_aside: Aside[] }>(`${url}/queue`);
  expect(ready.status).toBe('ready');
  for (const shown of [ready.set_aside, queue.set_aside]) {
    expect(shown.map((one) => one.project).sort()).toEqual([...causes.keys()].sort());
    for (const { project: key, cause } of shown) expect(cause).toMatch(causes.get(key) ?? /never/);
  }
  expect((await json<{ set_aside: Aside[] }>(`${url}/queue?project=good`)).set_aside).toEqual([]);
  const listed = await session.run(['queue'], env);
  expect(listed.stdout).toMatch(/set aside missing: expected a git repository at .*; put the repository there/);

  for (const key of ['missing', 'nogit', 'typo']) {
    const refused = await submit(key);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(new RegExp(`^stagegate: ${key} is set aside: .*; .* restart the service\\n$`));
  }
  expect((await submit('trunk')).stderr).toContain('saw no trunk');
  const doctor = lastJson(await session.run(['doctor', '--json'], env)) as {
    checks: { name: string; fix: string[] }[];
  };
  const fixes = (name: string) => doctor.checks.find((check) => check.name === name)?.fix.join('\n') ?? '';
  expect(fixes('project file')).toMatch(/^typo is set aside: .*saw \{promt\}; correct the command \(\{prompt\}\?\)/);
  expect(fixes('repository missing')).toContain('expected a git repository');
  expect(fixes('repository trunk')).toContain('saw no trunk');
  expect(fixes('service')).toMatch(/missing: expected .*\n.*nogit: expected/);

  const answer = await fetch(`${url}/v1/tasks`, {
    method: 'POST',
    headers: orderHeaders(env.STAGEGATE_STATE_DIR ?? '', url),
    body: JSON.stringify({ project: 'missing', branch: 'feature' }),
  });
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([409, 'project-set-aside']);

  // Put there while the service runs.
  const other = new SampleRepository({ like: sample.root });
  renameSync(other.dir, missing);
  await until(
    'it is taken back',
    async () => {
      const { set_aside: aside } = await json<{ set_aside: Aside[] }>(`${url}/health/ready`);
      return !aside.some((one) => one.project === 'missing');
    },
    60_000,
  );
  expect((await submit('missing', 'later')).stderr).toContain('saw no later');
  expect((await submit('missing', 'main')).stderr).toContain('expected a branch other than main');
});

test('a repository that goes away takes its tasks aside, and they go on when it is back', async () => {
  const own = new SampleRepository();
  own.commit('feature', { 'a.txt': 'a\n' }, 'main');
  const url = await up({ web: project(own.dir, { entryStages: ['development', 'deploy-staging'] }) });
  const line = ['submit', 'feature', '--project', 'web', '--id', 'T1', '--start-stage', 'development'];
  expect((await session.run(line, env)).code).toBe(0);
  const why = () => json<{ code: string; do: string; stage: string }>(`${url}/v1/tasks/web.T1/why`);
  await until('it waits for a developer', async () => (await why()).code === 'no-agent:developer');
  renameSync(own.dir, `${own.dir}.away`);
  await until('it is set aside', async () => (await why()).code === 'project-set-aside', 60_000);
  expect(await why()).toMatchObject({
    actor: 'person',
    do: expect.stringContaining('put the repository there') as string,
  });
  const said = await session.run(['why', 'web.T1'], env);
  expect(said.stdout).toMatch(/cause +web is set aside: expected a git repository at .*, saw none/);
  renameSync(`${own.dir}.away`, own.dir);
  await until('it goes on', async () => (await why()).code === 'no-agent:developer', 60_000);
  own.dispose();
});

describe('a state folder that cannot be used refuses the start in one line', () => {
  const refused: readonly (readonly [string, (state: string) => void, RegExp])[] = [
    [
      'a file in its place',
      (state) => {
        writeFileSync(state, '');
      },
      /state: expected a folder that can be written, saw a file;/,
    ],
    [
      'a file in the place of a folder of ours',
      (state) => {
        mkdirSync(state);
        writeFileSync(join(state, 'runs'), '');
      },
      /state\/runs: expected a folder that can be written, saw a file;/,
    ],
    [
      'a folder in the place of a file of ours',
      (state) => {
        mkdirSync(join(state, 'events.db'), { recursive: true });
      },
      /state\/events\.db: expected a file that can be written, saw a folder;/,
    ],
  ];
  test.each(refused)('%s', async (_, spoil, says) => {
    spoil(join(folder, 'state'));
    writeFileSync(env['STAGEGATE_PROJECTS'] ?? '', JSON.stringify({ projects: { web: project(sample.dir) } }));
    for (const stores of [{}, { STAGEGATE_EVENT_STORE_URL: 'memory:', STAGEGATE_READ_MODEL_URL: 'memory:' }]) {
      const { code, stdout, stderr } = await session.run(['up'], { ...env, ...stores });
      expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 });
      expect(stderr).toMatch(says);
    }
    expect((await session.run(['why', 'web.T1'], env)).stderr).toMatch(says);
  });

  test('where the file system has a no for everything', async () => {
    writeFileSync(env['STAGEGATE_PROJECTS'] ?? '', JSON.stringify({ projects: { web: project(sample.dir) } }));
    for (const stores of [{}, { STAGEGATE_EVENT_STORE_URL: 'memory:', STAGEGATE_READ_MODEL_URL: 'memory:' }]) {
      const { code, stderr } = await session.run(['up'], {
        ...env,
        ...stores,
        STAGEGATE_STATE_DIR: '/proc/stagegate/state',
      });
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^stagegate: \/proc\/stagegate\/state: expected a folder that can be written, saw \w+; .*\n$/,
      );
    }
  });
});

test('programs that are not there are told by doctor, for texts and for lists', async () => {
  const agents = { developer: { command: ['no-such-agent', '{prompt}'] }, tester: { command: ['sh', 'x'] } };
  const suites = { setup: 'X=1 no-such-setup install', suite: '/no/such/suite --all' };
  writeFileSync(
    env['STAGEGATE_PROJECTS'] ?? '',
    JSON.stringify({
      projects: { web: { repo: sample.dir, agents, staging: { ...suites, env: ['CI'] } }, ok: project(sample.dir) },
    }),
  );
  const { checks } = lastJson(await session.run(['doctor', '--json'], env)) as {
    checks: { name: string; fix: string[]; verdict: string }[];
  };
  const commands = checks.find(({ name }) => name === 'commands');
  expect(commands?.verdict).toBe('fail');
  expect(commands?.fix.map((line) => line.split(': expected ')[0])).toEqual([
    'projects.web.staging.setup',
    'projects.web.staging.suite',
    'projects.web.agents.developer.command',
  ]);
  expect(commands?.fix.join('\n')).toMatch(
    /no-such-setup on the PATH it gets, \/usr[^]*\/no\/such\/suite that can be run[^]*no-such-agent/,
  );
});
