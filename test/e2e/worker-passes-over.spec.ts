import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastJson, runCli, startCli, startService, type RunningService } from '../support/cli';
import { until } from '../contract/support/until';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(240_000);

const root = mkdtempSync(join(tmpdir(), 'stagegate-passes-over-test-'));
const samples = { web: new SampleRepository(), shop: new SampleRepository() };
const file = join(root, 'stagegate.yml');
const projects = Object.fromEntries(
  Object.entries(samples).map(([key, { dir }]) => [
    key,
    { repo: dir, entryStages: ['development', 'review'], staging: { suite: 'true', minIsolation: 'none' } },
  ]),
);
writeFileSync(file, JSON.stringify({ version: 1, projects }));
const env = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: file,
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'error',
};
let service: RunningService;
let url: string;

beforeAll(async () => {
  service = await startService(env);
  ({ url } = service);
  await submit('web', 'first');
  await submit('shop', 'second');
});
afterAll(async () => {
  await service.stop();
  for (const sample of Object.values(samples)) sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

const run = (...args: string[]) => runCli(args, env, root);

async function submit(project: keyof typeof samples, branch: string, stage = 'review'): Promise<void> {
  samples[project].commit(branch, { [`${branch}.txt`]: `${branch}\n` }, 'main');
  const where = ['--project', project, '--id', branch, '--start-stage', stage];
  expect((await run('submit', branch, ...where)).code).toBe(0);
}

async function tokenFor(name: string, scope: string, project: string): Promise<string> {
  return (await run('token', 'create', name, '--scope', scope, '--project', project)).stdout.trim();
}

const APPROVE = `printf -- '---\\nreview_status: APPROVED\\n---\\n' > "$STAGEGATE_ARTIFACT_DIR/12-review.md"`;
const worker = (token: string, script = APPROVE, role = 'reviewer', flags: readonly string[] = []) => {
  const at = { STAGEGATE_SERVICE: new URL(url).origin, STAGEGATE_TOKEN: token };
  const args = ['work', '--role', role, '--once', '--json', ...flags, '--', 'sh', '-c', script];
  return runCli(args, { ...env, ...at, STAGEGATE_STATE_DIR: join(root, 'elsewhere') }, root);
};

test('a worker passes over work of projects that are not its own', async () => {
  const told = await worker(await tokenFor('shop-only', 'work', 'shop'));
  expect([told.code, told.stderr, lastJson(told)]).toEqual([
    0,
    expect.not.stringContaining('passed over'),
    expect.objectContaining({ task: 'shop.second', outcome: 'completed' }),
  ]);
});

test('with work of others alone there is nothing to take, and who may work nowhere is told that', async () => {
  const [mine, nowhere] = [await tokenFor('shop-too', 'work', 'shop'), await tokenFor('reader', 'read', 'web')];
  const told = await worker(mine);
  expect([told.code, told.stderr]).toEqual([0, expect.stringContaining('nothing to take')]);
  const refused = await worker(nowhere);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('expected the right to work')]);
});

test('work whose branch is not to be had holds up no work behind it', async () => {
  await submit('web', 'third');
  // Gone where the worker clones from, and there for the service, which would soon offer it no more.
  const mirror = join(root, 'mirror');
  execFileSync('git', ['clone', '--quiet', '--bare', samples.web.dir, mirror]);
  execFileSync('git', ['branch', '--quiet', '-D', 'first'], { cwd: mirror });
  const told = await worker(await tokenFor('all-of-web', 'work', 'web'), APPROVE, 'reviewer', ['--clone-from', mirror]);
  expect([told.code, told.stderr, lastJson(told)]).toEqual([
    0,
    expect.stringMatching(/web\.first is passed over: .*no such branch/),
    expect.objectContaining({ task: 'web.third', outcome: 'completed' }),
  ]);
});

test('work whose branch is deleted is left alone, be it offered still or not', async () => {
  execFileSync('git', ['branch', '--quiet', '-D', 'first'], { cwd: samples.web.dir });
  const told = await worker(await tokenFor('web-again', 'work', 'web'));
  expect([told.code, told.stderr]).toEqual([0, expect.stringContaining('nothing to take')]);
});

test('a branch that is deleted while its work is done ends that work, and not the worker', async () => {
  await submit('web', 'fourth');
  const script = `${APPROVE}; git --git-dir ${samples.web.dir} branch --quiet -D fourth`;
  const told = await worker(await tokenFor('web-fourth', 'work', 'web'), script);
  expect([told.code, lastJson(told)]).toEqual([
    1,
    expect.objectContaining({ task: 'web.fourth', outcome: 'released' }),
  ]);
});

test('a branch that moves while a developer works is not overwritten, and does not end the worker', async () => {
  await submit('web', 'fifth', 'development');
  const commit = 'git -c user.name=a -c user.email=a@localhost commit --quiet --allow-empty -m';
  const elsewhere = `git clone --quiet -b fifth ${samples.web.dir} ${join(root, 'other')} && cd ${join(root, 'other')} && ${commit} theirs && git push --quiet`;
  const told = await worker(
    await tokenFor('web-fifth', 'work', 'web'),
    `${commit} mine && (${elsewhere})`,
    'developer',
  );
  expect(told.code).toBe(1);
  expect((lastJson(told) as { outcome: string }).outcome).toMatch(/^(released|lost)$/);
  const subject = execFileSync('git', ['log', '-1', '--format=%s', 'fifth'], {
    cwd: samples.web.dir,
    encoding: 'utf8',
  });
  expect(subject.trim()).toBe('theirs');
});

test('work that was done while the service was down is handed in when it is back', async () => {
  await submit('shop', 'sixth');
  const [go, done] = [join(root, 'go'), join(root, 'done')];
  const token = await tokenFor('shop-sixth', 'work', 'shop');
  const at = { ...env, STAGEGATE_SERVICE: new URL(url).origin, STAGEGATE_TOKEN: token };
  const script = `until [ -e ${go} ]; do sleep 0.05; done; ${APPROVE}; touch ${done}`;
  const working = startCli(['work', '--role', 'reviewer', '--once', '--json', '--', 'sh', '-c', script], {
    ...at,
    STAGEGATE_STATE_DIR: join(root, 'elsewhere'),
  });
  await working.saw(/shop\.sixth: taken/);
  service.child.kill('SIGKILL');
  await service.ended;
  writeFileSync(go, '');
  await until('the command has ended', () => existsSync(done));
  service = await startService({ ...env, STAGEGATE_PORT: new URL(url).port });
  const told = await working.ended;
  expect([told.code, lastJson(told)]).toEqual([
    0,
    expect.objectContaining({ task: 'shop.sixth', outcome: 'completed' }),
  ]);
});
