import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { readUpFiles } from '../../src/cli/up-file';
import { readStat } from '../../src/infrastructure/processes/proc/proc-table';
import { until } from '../contract/support/until';
import { environment, runCli, startCli } from '../support/cli';
import { freePort } from '../support/free-port';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(60_000);

const CLI = resolve(__dirname, '../../dist/cli.js');
const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-signals-'));
const env: Record<string, string> = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
};
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const CODES = { SIGTERM: 130, SIGINT: 130, SIGHUP: 129 };

beforeAll(() => {
  const web = { repo: sample.dir, staging: { suite: 'true' } };
  writeFileSync(join(root, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web } }));
  for (const signal of SIGNALS) sample.commit(signal, { [signal]: 'x\n' }, 'main');
});
afterAll(() => {
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

/** It has written its own pid there by then. */
async function pidIn(file: string): Promise<number> {
  await until('the command runs', () => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
  return Number(readFileSync(file, 'utf8'));
}

describe.each(SIGNALS)('%s', (signal) => {
  it('ends a service that waits for its store, with a word', async () => {
    const store = `postgres://nobody@127.0.0.1:${await freePort()}/none`;
    const at = { ...env, STAGEGATE_STATE_DIR: join(root, `waits-${signal}`), STAGEGATE_EVENT_STORE_URL: store };
    const service = startCli(['up'], at, root);
    await service.saw(/waiting until it can/);
    service.child.kill(signal);
    const { code, stdout, stderr } = await service.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/\nstopping before it was ready: it waited for its store \(STORE_UNAVAILABLE\)\n$/);
  });

  it('ends a service in order', async () => {
    const service = startCli(['up'], { ...env, STAGEGATE_STATE_DIR: join(root, `up-${signal}`) }, root);
    await service.saw(/ready http/);
    service.child.kill(signal);
    const { code, stderr } = await service.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/stopping: runs are ended and their claims given back/);
    expect(existsSync(join(root, `up-${signal}`, 'up.json'))).toBe(false);
  });

  it('ends land with its own exit code, its suite, and its claim, which the same command takes up', async () => {
    const file = join(root, `land-${signal}`);
    const suite = `test -e ${file} || { echo $$ > ${file}; sleep 600; }`;
    // The pid is that of the suite's own namespace.
    const args = ['land', signal, '--repo', sample.dir, '--suite', suite];
    const running = startCli(args);
    await pidIn(file);
    running.child.kill(signal);
    const { code, stderr } = await running.ended;
    expect({ code, stderr }).toMatchObject({ code: CODES[signal] });
    expect(stderr).toMatch(/interrupted: the run was stopped and the claim given back/);
    const again = await runCli(args);
    expect({ code: again.code, stderr: again.stderr }).toMatchObject({ code: 0 });
    expect(again.stderr).toMatch(/^resuming /);
  });

  it('ends exec with its own exit code, though nobody takes what it prints', async () => {
    const file = join(root, `exec-${signal}`);
    const script = `head -c 400000 /dev/zero | tr '\\0' x; echo > ${file}; sleep 600`;
    const args = [CLI, 'exec', '--grace', '100ms', '--', 'sh', '-c', script];
    const child = spawn(process.execPath, args, { env: environment({}), stdio: ['ignore', 'pipe', 'ignore'] });
    await until('it has printed', () => existsSync(file));
    child.kill(signal);
    // Its stdout is read by nobody before it has ended.
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(CODES[signal]);
    expect((await text(child.stdout)).length).toBeLessThan(400_000);
  });
});

it('doctor shows a service that what has started it has left alone', async () => {
  const at = { ...env, STAGEGATE_STATE_DIR: join(root, 'left') };
  const call = `'${process.execPath}' '${CLI}' up & wait`;
  // A session of its own, as a terminal has.
  const shell = spawn('sh', ['-c', call], { env: environment(at), cwd: root, detached: true, stdio: 'ignore' });
  const held = async () => (await runCli(['doctor'], at, root)).stdout;
  await until('it is up', () => readUpFiles(join(root, 'left')).length > 0);
  const pid = Number(readUpFiles(join(root, 'left'))[0]?.worker.split('/')[3]);
  try {
    expect(await held()).toMatch(/^ok +service +http:\/\/\S+ is ready$/m);
    const gone = once(shell, 'exit');
    shell.kill('SIGKILL');
    await gone;
    expect(await held()).toMatch(
      new RegExp(
        `^warn +service +http://\\S+ is ready, and what has started it is gone\\n +service: expected what has started it, saw process ${pid} left alone.*; stop it with kill ${pid},`,
        'm',
      ),
    );
  } finally {
    process.kill(pid, 'SIGTERM');
    await until('it has ended', () => readStat(pid) === null);
  }
});
