import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from './generate';
import { summaryOf, textOf, type Summary } from './report';
import { replayMerges } from './run-replay';
import { SHAPES } from './shapes';

jest.setTimeout(300_000);

const SEED = 15;
const root = mkdtempSync(join(tmpdir(), 'stagegate-replay-spec-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const script = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  spawnSync(process.execPath, ['-r', './test/support/ts-register.cjs', 'test/replay/replay.ts', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  });

it.each(SHAPES)('merges of shape %s come out as git makes them', async (shape) => {
  const repo = join(root, shape);
  generate(repo, { seed: SEED, shape, merges: 8 });
  const replay = await replayMerges(repo, { name: shape, main: null, merges: 8, cliEvery: 4 });
  const summary = summaryOf(replay);
  expect(textOf([summary])).toContain(`| ${shape} | 8 |`);
  expect(summary.mismatches).toEqual([]);
  // Or nothing was compared.
  expect(summary.landed).toBeGreaterThan(0);
  expect(summary.byCli).toBeGreaterThan(0);
});

it('the same seed makes the same commits', () => {
  const heads = ['one', 'two'].map((name) => {
    const repo = join(root, name);
    generate(repo, { seed: SEED, shape: 'files', merges: 5 });
    return execFileSync('git', ['rev-parse', 'main'], { cwd: repo, encoding: 'utf8' });
  });
  expect(heads[0]).toBe(heads[1]);
});

it('a product that loses the encoding of a message is found out', () => {
  const mutant = {
    file: 'src/infrastructure/git/rebase/commit-object.ts',
    find: '(?:author|encoding)',
    replace: '(?:author)',
  };
  const args = ['--generate', '1', '--shape', 'merged', '--merges', '15', '--json'];
  const { status, stdout } = script(args, { STAGEGATE_SELFTEST_MUTANT: JSON.stringify(mutant) });
  expect(status).toBe(1);
  const [summary] = JSON.parse(stdout) as readonly Summary[];
  const found = summary?.mismatches.flatMap(({ differences }) => differences);
  expect(found).toContainEqual(expect.stringMatching(/^encoding of \w{40}: expected "ISO-8859-1", saw ""$/));
});

it.each([
  [[], 'expected --repo PATH or --generate SEED, saw neither; give one'],
  [['--repo', '.', '--generate', '1'], 'expected --repo PATH or --generate SEED, saw both; give one'],
  [['--repo', '/nowhere'], '--repo: expected a clone, saw no /nowhere; name one'],
  [['--repo', '/'], '--repo: expected a clone, saw that / is none; name one'],
  [['--generate', '0'], '--generate: expected a whole number from 1, saw 0'],
  [['--generate', '1', '--shape', 'round'], '--shape: expected stacked, merged, files, saw round'],
  [['--generate', '1', '--merges', 'all'], '--merges: expected a whole number from 1, saw all'],
  [['--generate', '1', '--main', 'x'], '--main: expected with --repo only, saw it with --generate; leave it out'],
])('%j is refused in one line', (args, line) => {
  expect(script(args)).toMatchObject({ status: 1, stdout: '', stderr: `${line}\n` });
});

it('so is a clone that has nothing to replay', () => {
  const repo = join(root, 'flat');
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', repo]);
  const refusal = (...args: readonly string[]) => script(['--repo', repo, ...args]).stderr;
  expect(refusal()).toBe(`--main: expected a branch of ${repo}, saw no commit at HEAD; name one\n`);
  const who = ['-c', 'user.name=Ann', '-c', 'user.email=a@b.c'];
  execFileSync('git', [...who, 'commit', '--quiet', '--allow-empty', '-m', 'one'], { cwd: repo });
  expect(refusal()).toBe(`--repo: expected merges on main of ${repo}, saw none; name another one\n`);
  expect(refusal('--main', 'trunk')).toBe(`--main: expected a branch of ${repo}, saw no trunk; name one\n`);
  const shallow = join(root, 'shallow');
  execFileSync('git', [...who, 'commit', '--quiet', '--allow-empty', '-m', 'two'], { cwd: repo });
  execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${repo}`, shallow]);
  expect(script(['--repo', shallow]).stderr).toContain('expected the whole history, saw a shallow clone');
});
