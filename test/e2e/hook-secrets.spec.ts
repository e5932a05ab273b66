import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../contract/support/until';
import { startService, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';
import { HOOK_SECRETS, sendHook } from '../support/signed-hooks';

jest.setTimeout(180_000);

const NEW = 'a secret that comes while a suite runs';
const sample = new SampleRepository();
const session = new CliSession();
const root = mkdtempSync(join(tmpdir(), 'stagegate-hook-secrets-'));
const secret = join(root, 'secrets', 'github');
const sink = join(root, 'sink.secret');
const env = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
  WEB_SECRET: 'a secret of a variable',
};
let service: RunningService;

/** Whatever it can find, now and once the secret has been replaced under it. */
function probe(whose: string): string {
  const look = `cat ${secret} ${secret}.new ${sink}; env; cat /proc/[0-9]*/environ`;
  const replaced = `touch ${root}/${whose}.waits; while test ! -e ${root}/replaced; do sleep 0.05; done`;
  return `(${look}; ${replaced}; ${look}) > ${root}/${whose}.part 2>&1; mv ${root}/${whose}.part ${root}/${whose}.found`;
}

beforeAll(async () => {
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  mkdirSync(join(root, 'secrets'));
  writeFileSync(secret, HOOK_SECRETS.github, { mode: 0o600 });
  writeFileSync(sink, 'a secret of a sink of alerts', { mode: 0o600 });
  const web = {
    repo: sample.dir,
    entryStages: ['created', 'deploy-staging'],
    staging: { suite: probe('suite'), minIsolation: 'none' },
    security: { command: probe('gate'), report: 'none.sarif', minIsolation: 'none' },
    agents: { analyst: { command: ['sh', '-c', probe('agent')], timeout: '60s' } },
    budgets: { agent: 0 },
    hooks: { github: { secrets: [{ file: secret }] }, plane: { secrets: [{ variable: 'WEB_SECRET' }] } },
  };
  const ops = { kind: 'webhook', url: 'https://alerts.invalid/', secrets: [{ file: sink }], severities: ['critical'] };
  writeFileSync(env.STAGEGATE_PROJECTS, JSON.stringify({ version: 1, projects: { web }, alerts: { sinks: { ops } } }));
  service = await startService(env);
});
afterAll(async () => {
  await service.stop();
  await session.close();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

it('nothing that the service starts sees a secret, also none that is put into place meanwhile', async () => {
  const { stdout: doctor } = await session.run(['doctor'], env);
  const isOpen = /a suite can read [^\n]*files with secrets/.test(doctor);
  // A folder with the project file in it cannot be hidden: of that, what is there when a run starts is.
  expect(doctor).toContain(`${sink}: expected a folder with nothing but secrets`);
  const submit = ['submit', 'feature', '--project', 'web'];
  await session.run([...submit, '--id', 'A'], env);
  await session.run([...submit, '--id', 'S', '--start-stage', 'deploy-staging'], env);
  for (const whose of ['agent', 'suite'])
    await until(`${whose} has looked`, () => existsSync(join(root, `${whose}.waits`)), 60_000);
  writeFileSync(`${secret}.new`, NEW, { mode: 0o600 });
  renameSync(`${secret}.new`, secret);
  writeFileSync(join(root, 'replaced'), '');
  for (const whose of ['agent', 'suite', 'gate']) {
    await until(`${whose} is done`, () => existsSync(join(root, `${whose}.found`)), 60_000);
    const found = readFileSync(join(root, `${whose}.found`), 'latin1');
    expect(found).toContain('PATH=');
    const secrets = [HOOK_SECRETS.github, NEW, 'a secret of a sink of alerts', env.WEB_SECRET];
    expect([whose, secrets.filter((one) => found.includes(one)).length > 0]).toEqual([whose, isOpen]);
  }
});

it('the service takes up what was put into place, without a restart', async () => {
  const send = async (by: string, id: string) =>
    (await sendHook(service.url, { source: 'github', id, event: 'push', body: `{"by":"${by}"}`, secret: by })).status;
  let tries = 0;
  await until('the new one is known', async () => (await send(NEW, `new-${(tries += 1)}`)) === 202);
  expect(await send(HOOK_SECRETS.github, 'old')).toBe(401);
});

it('doctor fails where nobody could be let in, and shows nothing of a secret', async () => {
  chmodSync(secret, 0o644);
  const { stdout } = await session.run(['doctor'], env);
  expect(stdout).toMatch(/^warn +secrets +hook:web\/github, hook:web\/plane, alerts\.sinks\.ops$/m);
  expect(stdout).toContain(`${secret}: expected mode 600, saw 644`);
  writeFileSync(secret, '');
  const empty = await session.run(['doctor'], env);
  expect(empty.stdout).toMatch(/^fail +secrets /m);
  expect(empty.stdout).toContain(`hook:web/github: ${secret}: expected a secret in this file, saw nothing`);
  expect([empty.code, empty.stdout.includes(env.WEB_SECRET)]).toEqual([3, false]);
});
