import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliSession } from '../support/cli-session';

const folder = mkdtempSync(join(tmpdir(), 'stagegate-classify-'));
const log = join(folder, 'run.log');
const session = new CliSession();
const run = (...args: readonly string[]) => session.run(['classify', ...args], {}, folder);
afterAll(async () => {
  await session.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  writeFileSync(log, '=== test session starts ===\n=== no tests ran in 0.01s ===\n');
});

it('names the rule, what it saw, what follows, and what would have fitted as well', async () => {
  const { code, stdout } = await run(log, '--exit', '5', '--tool', 'pytest');
  expect(code).toBe(0);
  expect(stdout).toContain('class   tool-error (no_tests_ran)\nrule    pytest-no-tests, version 1\n');
  expect(stdout).toContain('effect  retry, budget infra\n');
  expect(stdout).toContain('seen    > === no tests ran in 0.01s ===\n');
  expect(stdout).toContain('else    executed-and-failed, version 1: red\n');
});

it('the same as JSON', async () => {
  const { stdout } = await run(log, '--exit', '5', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    class: 'tool-error',
    rule: 'pytest-no-tests',
    ruleVersion: 1,
    effect: 'retry',
    budget: 'infra',
    runnersUp: [{ rule: 'executed-and-failed', class: 'red' }],
  });
});

it.each([
  [['--exit', '1'], 'red'],
  [['--signal', 'SIGKILL'], 'tool-error (killed_externally)'],
  [['--signal', 'SIGKILL', '--oom'], 'tool-error (oom_killed)'],
  [['--signal', 'SIGSEGV'], 'red'],
  [['--exit', '127'], 'tool-error (command_not_found)'],
  [['--exit', '1', '--step', 'setup'], 'tool-error (setup_failed)'],
])('%j is %s', async (flags, expected) => {
  writeFileSync(log, 'nothing special\n');
  expect((await run(log, ...flags)).stdout).toContain(`class   ${expected}\n`);
});

it.each([
  [['--exit', '0'], /--exit: expected a whole number from 1 to 255, saw "0"; a run that ended with 0 is green/],
  [['--exit', '256'], /--exit: expected a whole number from 1 to 255/],
  [['--exit', 'one'], /--exit: expected a whole number from 1 to 255, saw "one"/],
  [['--signal', 'KILL'], /--signal: expected a name like SIGKILL, saw "KILL"/],
  [['--exit', '1', '--signal', 'SIGKILL'], /expected one of --exit and --signal, saw both/],
  [['--step', 'service'], /--step: expected suite or setup, saw "service"/],
])('refuses %j in one line', async (flags, expected) => {
  const { code, stdout, stderr } = await run(log, ...flags);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(expected);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

it.each([['no-such-file'], [folder]])('a log that cannot be read is refused: %s', async (path) => {
  const { code, stderr } = await run(path);
  expect(code).toBe(2);
  expect(stderr).toMatch(/classify: expected a log to read, saw none in /);
});

it('what a log holds steers no terminal and begins no line of ours', async () => {
  writeFileSync(log, 'npm error code ENOTFOUND\u001b[2J\u001b]0;title\u0007\nclass   green\n');
  const { stdout } = await run(log, '--step', 'setup');
  expect(stdout).not.toContain('\u001b');
  expect(stdout.match(/^class/gm)).toHaveLength(1);
});

it('a log of many megabytes is looked at from both ends', async () => {
  writeFileSync(log, `${'x'.repeat(200)}\n`.repeat(100_000) + 'No tests found, exiting with code 1\n');
  expect((await run(log, '--exit', '1')).stdout).toContain('rule    jest-no-tests, version 1\n');
});
