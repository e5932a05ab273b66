import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastJson, runCli } from '../support/cli';
import type { LandResult } from '../../src/cli/land/land-outcome';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

/** A clone with main checked out in `work`, and a branch that main has left behind. */
let sample: SampleRepository;
beforeEach(() => {
  sample = new SampleRepository();
  sample.commit('feature', { 'main.txt': 'one\ntwo\n', 'a.txt': 'a\n' }, 'main');
  sample.commit('main', { 'b.txt': 'b\n' });
});
afterEach(() => {
  sample.dispose();
});

const line = ['land', 'feature', '--suite', 'true', '--json', '--infra-retries', '0'];
const land = (variables: Record<string, string> = {}) =>
  runCli([...line, '--repo', sample.work], { ...variables, GIT_CONFIG_GLOBAL: '/dev/null' });
const status = () => execFileSync('git', ['status', '--porcelain'], { cwd: sample.work, encoding: 'utf8' });
const read = (name: string) => readFileSync(join(sample.work, name), 'utf8');

/** Of the landing; what the state folder of `land` holds beside it is none of it. */
function traces(): readonly string[] {
  const gitDir = join(sample.work, '.git');
  const ours = readdirSync(join(gitDir, 'stagegate')).filter((name) => /^(?:index-|following|written-)/.test(name));
  return existsSync(join(gitDir, 'index.lock')) ? ['index.lock', ...ours] : ours;
}

test('land says that the files of main follow, and that they have', async () => {
  const { code, stderr, stdout } = await land();
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: `main is checked out at ${sample.work}; the files there follow the landing\n`,
  });
  expect(stdout).toContain(`"followed":{"at":"${sample.work}","left":[]}`);
  expect([status(), read('main.txt'), read('b.txt')]).toEqual(['', 'one\ntwo\n', 'b\n']);
  expect(traces()).toEqual([]);
});

test('land is held by work that is in the way, names it, and goes on when it is gone', async () => {
  writeFileSync(join(sample.work, 'a.txt'), 'mine\n');
  const held = await land();
  expect(held.code).toBe(12);
  // Before the suite, too.
  expect(held.stderr).toContain('a.txt: changed where main is checked out, and in the way of feature');
  const { why } = lastJson(held) as LandResult;
  expect(JSON.stringify(why)).toContain('a.txt (not in git)');
  expect(JSON.stringify(why)).toContain('commit, stash or move what is quoted, then run the same land again');
  expect([read('a.txt'), traces()]).toEqual(['mine\n', []]);
  execFileSync('rm', [join(sample.work, 'a.txt')]);
  expect((await land()).code).toBe(0);
  expect([status(), read('a.txt')]).toEqual(['', 'a\n']);
});

const POINTS = ['land.afterMarker', 'land.afterTransaction', 'land.beforeIndex', 'land.afterIndex'];
test.each(POINTS)('land killed at %s leaves no trace after the same command is run again', async (point) => {
  writeFileSync(join(sample.work, 'mine.txt'), 'mine\n');
  const before = sample.git(['rev-parse', 'main']);
  const killed = await land({ STAGEGATE_SELFTEST_FAILPOINT: point });
  expect(killed.signal).toBe('SIGKILL');
  expect(sample.git(['rev-parse', 'main']) === before).toBe(point === 'land.afterMarker');
  // Until then nobody can commit what was there before on top of what has landed.
  expect(traces().includes('index.lock')).toBe(point !== 'land.afterIndex');
  const again = await land();
  expect(again.code).toBe(0);
  expect(again.stderr.includes('now follow the landing')).toBe(/afterTransaction|beforeIndex/.test(point));
  expect([status(), read('main.txt'), read('a.txt'), traces()]).toEqual(['?? mine.txt\n', 'one\ntwo\n', 'a\n', []]);
  expect(sample.git(['rev-list', '--count', 'main'])).toBe('3');
});
