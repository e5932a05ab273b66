import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../contract/support/until';
import { startCli, startService, type RunningCli, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(90_000);

const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-events-'));
const env: Record<string, string> = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
};
const session = new CliSession();
const running: RunningCli[] = [];
let service: RunningService;

beforeAll(async () => {
  writeFileSync(
    join(root, 'stagegate.yml'),
    JSON.stringify({ version: 1, projects: { web: { repo: sample.dir, staging: { suite: 'true' } } } }),
  );
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  service = await startService(env);
  await session.run(['submit', 'feature', '--project', 'web', '--id', 'T1'], env);
});
afterAll(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  await service.stop();
  await session.close();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

function follow(...args: readonly string[]): { cli: RunningCli; lines: () => readonly string[] } {
  const cli = startCli(['events', '--follow', ...args], env);
  running.push(cli);
  let text = '';
  cli.child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { cli, lines: () => text.split('\n').slice(0, -1) };
}

const types = (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as { type: string }).type);
const count = (lines: readonly string[], type: string) =>
  types(lines).filter((one) => one === `dev.stagegate.${type}`).length;
const submitted = 'dev.stagegate.TaskSubmitted';

async function hold(reason: string): Promise<void> {
  expect(await session.run(['hold', 'web.T1', '--reason', reason], env)).toMatchObject({ code: 0 });
  expect(await session.run(['release', 'web.T1'], env)).toMatchObject({ code: 0 });
}

const ALL = ['events', '--task', 'web.T1', '--json'];

it('prints the log, for people and for programs, with a service and without one', async () => {
  const words = await session.run(['events', '--task', 'web.T1'], env);
  expect(words.stdout).toMatch(/^20\S+Z web\.T1 TaskSubmitted .* submitted feature, to start at created\n/);
  const served = await session.run(ALL, env);
  expect(types(served.stdout.split('\n').slice(0, -1))[0]).toBe(submitted);
  await service.stop();
  const stored = await session.run(ALL, env);
  expect(stored).toEqual(served);
  service = await startService(env);
});

it('follows over the end of the service, and repeats and misses nothing', async () => {
  const { cli, lines } = follow('--json', '--task', 'web.T1');
  await until('the submission', () => types(lines()).includes(submitted));
  await hold('before');
  const port = new URL(service.url).port;
  await service.stop();
  await cli.saw(/no events at the moment: .*; trying until there are/);
  service = await startService({ ...env, STAGEGATE_PORT: port });
  await hold('after');
  await until('what came meanwhile', () => count(lines(), 'TaskReleased') === 2);
  const { stdout } = await session.run(ALL, env);
  const whole = stdout.split('\n').slice(0, -1);
  expect(whole.slice(0, lines().length)).toEqual(lines());
  cli.child.kill('SIGINT');
  expect(await cli.ended).toMatchObject({ code: 130 });
});

it('without a service follows what others write', async () => {
  await service.stop();
  const { cli, lines } = follow('--from', 'now', '--type', 'TaskHeld', '--type', 'TaskReleased', '--json');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await hold('alone');
  await until('what was written', () => lines().length >= 2);
  expect(types(lines())).toEqual(['dev.stagegate.TaskHeld', 'dev.stagegate.TaskReleased']);
  cli.child.kill('SIGTERM');
  expect(await cli.ended).toMatchObject({ code: 130 });
  service = await startService(env);
});

it.each([
  [['--task', 'web.nobody'], /^stagegate: web\.nobody: no such task\n$/],
  [['--project', 'nobody'], /^stagegate: project: expected one of web, saw "nobody"\n$/],
  [['--type', 'TaskLandet'], /^stagegate: type: expected names of events .*, saw "TaskLandet"; correct it\n$/],
  [['--from', 'yesterday'], /^stagegate: from: expected a position as 1234\/1234, start or now, saw "yesterday"/],
  [['--from', '999999'], /^stagegate: from: expected a position of this log, saw "999999"/],
] as const)('%j is refused in one line, followed or not', async (args, says) => {
  for (const more of [[], ['--follow']]) {
    const { code, stdout, stderr } = await session.run(['events', ...args, ...more], env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
  }
});

it('ends when nobody reads any more', async () => {
  const { cli } = follow('--json');
  await cli.saw(/TaskSubmitted/);
  cli.child.stdout.destroy();
  await hold('unread');
  await hold('unread');
  expect((await cli.ended).code).not.toBeNull();
});
