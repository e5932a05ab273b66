import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { environment, runCli } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(60_000);

let sample: SampleRepository;
beforeEach(() => {
  sample = new SampleRepository({ name: 'the web.git' });
});
afterEach(() => {
  sample.dispose();
});

const TEST = "require('node:test').test('adds', () => {});\n";
const land = (...more: readonly string[]) =>
  runCli(['land', 'feature', '--repo', sample.dir, '--suite', 'node --test', ...more]);

test('a suite without tests is held; the command that land prints lets it pass, and the report of the landing says so', async () => {
  sample.commit('main', { 'a.test.js': TEST, 'kept.js': '1\n' });
  sample.commit('feature', { 'a.test.js': null, 'b.js': '1\n' }, 'main');
  const held = await land();
  expect(held.code).toBe(12);
  const [, command = ''] =
    /(stagegate override \S+ check_staging_status --repo '[^']+' --reason "<why>")/.exec(held.stdout) ?? [];
  expect(command).not.toBe('');
  const typed = command.replace('stagegate', `'${process.execPath}' '${resolve('dist/cli.js')}'`);
  execFileSync('sh', ['-c', typed.replace('<why>', 'the tests moved')], { env: environment({}), stdio: 'pipe' });
  const landed = await land();
  expect(landed.code).toBe(0);
  expect(landed.stdout).toMatch(/note +override check_staging_status at \w{10} until \S+, by \S+: the tests moved$/m);
});
