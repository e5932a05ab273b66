import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LandResult } from '../../src/cli/land/land-outcome';
import { lastJson, runCli, type CliResult } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

let sample: SampleRepository;
let runs: string;
beforeEach(() => {
  sample = new SampleRepository();
  runs = join(sample.root, 'set-ups');
  sample.commit('main', { 'lock.json': 'one\n', 'setup.sh': 'mkdir -p modules/a && echo made > modules/a/index.js\n' });
});
afterEach(() => {
  sample.dispose();
});

/** Lands a branch whose set-up is the commit's own `setup.sh`; each time it runs is counted. */
function land(
  branch: string,
  suite = 'test -f modules/a/index.js',
  env: Record<string, string> = {},
): Promise<CliResult> {
  const setup = `echo run >> '${runs}'; sh setup.sh`;
  const kept = ['--cache', 'modules', '--cache-key', 'lock.json'];
  return runCli(['land', branch, '--repo', sample.dir, '--suite', suite, '--setup', setup, ...kept, '--json'], env);
}

async function lands(branch: string, suite?: string, env?: Record<string, string>): Promise<CliResult> {
  const result = await land(branch, suite, env);
  expect([result.code, lastJson(result)]).toEqual([0, expect.objectContaining({ outcome: 'landed' })]);
  return result;
}

const setUps = (): number => (existsSync(runs) ? readFileSync(runs, 'utf8').trimEnd().split('\n').length : 0);

test('the second landing needs no set-up, gets the same files, and says so; another key needs one', async () => {
  sample.commit('first', { 'a.txt': 'a\n' }, 'main');
  expect((await lands('first')).stdout).toContain('"setup":{"cache":"kept"}');
  const before = setUps();
  sample.commit('second', { 'b.txt': 'b\n' }, 'main');
  expect((await lands('second')).stdout).toContain('"setup":{"cache":"restored"}');
  expect(setUps()).toBe(before);
  sample.commit('third', { 'lock.json': 'two\n' }, 'main');
  await lands('third');
  expect(setUps()).toBeGreaterThan(before);
});

test('what a branch that does not land plants under main’s key reaches nobody', async () => {
  sample.commit('evil', { 'setup.sh': 'mkdir -p modules/a && echo evil > modules/a/index.js\n' }, 'main');
  expect((await land('evil', 'false')).code).toBe(10);
  sample.commit('good', { 'a.txt': 'a\n' }, 'main');
  await lands('good', 'grep -q made modules/a/index.js');
});

test('what a suite plants reaches nobody, though its branch lands', async () => {
  sample.commit('first', { 'a.txt': 'a\n' }, 'main');
  await lands('first', 'echo planted > modules/a/planted.js && echo evil > modules/a/index.js');
  sample.commit('second', { 'b.txt': 'b\n' }, 'main');
  await lands('second', 'test ! -e modules/a/planted.js && grep -q made modules/a/index.js');
  expect(setUps()).toBeLessThanOrEqual(2);
});

test('a set-up that writes elsewhere runs each time, and it is said', async () => {
  sample.commit('main', { 'setup.sh': 'mkdir -p modules/a && touch modules/a/index.js generated.h\n' });
  for (const branch of ['first', 'second']) {
    sample.commit(branch, { [`${branch}.txt`]: 'x\n' }, 'main');
    const before = setUps();
    const { notes } = lastJson(await lands(branch)) as LandResult;
    expect(notes).toEqual(['what the set-up made is not kept: it wrote elsewhere too: generated.h']);
    expect(setUps()).toBeGreaterThan(before);
  }
});

test('switched off, it keeps nothing', async () => {
  sample.commit('first', { 'a.txt': 'a\n' }, 'main');
  const { stdout } = await lands('first', 'true', { STAGEGATE_SETUP_CACHE_ENABLED: 'false' });
  expect(stdout).toContain('STAGEGATE_SETUP_CACHE_ENABLED is off');
  expect(existsSync(join(sample.dir, 'stagegate/setup-cache'))).toBe(false);
});

test.each<readonly [readonly string[], RegExp]>([
  [['--cache', 'm', '--cache-key', 'l'], /^stagegate: --cache: expected --setup beside it/],
  [['--setup', 'true', '--cache', 'm'], /^stagegate: --cache: expected --cache-key beside it/],
  [['--setup', 'true', '--cache-key', 'l'], /^stagegate: --cache-key: expected --cache beside it/],
  [
    ['--setup', 'true', '--cache', 'm', '--cache', 'm/a', '--cache-key', 'l'],
    /^stagegate: --cache: expected folders apart, saw "m" and "m\/a"; name the outer one once$/m,
  ],
  [['--setup', 'true', '--cache', '../m', '--cache-key', 'l'], /^stagegate: --cache: expected a path inside the clone/],
  [['--setup', 'true', '--cache', 'm', '--cache-key', '.git/x'], /^stagegate: --cache-key: expected a path inside/],
])('%j is refused in a line', async (flags, line) => {
  sample.commit('first', { 'a.txt': 'a\n' }, 'main');
  const { code, stderr } = await runCli(['land', 'first', '--repo', sample.dir, '--suite', 'true', ...flags]);
  expect([code, stderr.trimEnd().split('\n').length]).toEqual([2, 1]);
  expect(stderr).toMatch(line);
});
