import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environment, startCli } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

const CLI = resolve(__dirname, '../../dist/cli.js');
let sample: SampleRepository;
let mayEnd: string;
beforeEach(() => {
  sample = new SampleRepository();
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  mayEnd = join(sample.root, 'may-end');
});
afterEach(() => {
  sample.dispose();
});

const args = () => [
  ...['land', 'feature', '--repo', sample.dir, '--suite'],
  `printf 'compiling\\033[2J 42'; until [ -e ${mayEnd} ]; do sleep 0.1; done`,
];

it('a terminal shows what runs, in a line that is gone when it has ended', async () => {
  // By script(1), which is part of every Debian.
  const command = [process.execPath, CLI, ...args()]
    .map((arg) => `'${arg.replaceAll("'", String.raw`'\''`)}'`)
    .join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: environment({ TERM: 'xterm' }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    if (/\r\u001b\[Kstaging-suite {2}\d+ s {2}compiling 42/.test(seen)) writeFileSync(mayEnd, '');
  });
  const code = await new Promise((done) => child.on('close', done));
  expect(code).toBe(0);
  // Behind the last of such lines stands the clearing of it, before anything else.
  expect(seen).toMatch(/compiling 42\r\u001b\[K[^\r]/);
  expect(seen).not.toContain('\u001b[2J');
  expect(seen).toMatch(/\nlanded: /);
});

it('a pipe gets no such line, and nothing that steers a terminal', async () => {
  const running = startCli(args(), { FORCE_COLOR: '' });
  await running.saw(/took staging-suite/);
  writeFileSync(mayEnd, '');
  const { code, stdout, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(stdout + stderr).not.toMatch(/[\u001b\r]/);
});
