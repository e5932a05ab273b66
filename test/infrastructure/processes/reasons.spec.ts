import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from '../../../src/application/ports/process-runner';
import { readHandshake } from '../../../src/infrastructure/processes/launch/handshake';
import { reporting } from '../../../src/infrastructure/processes/launch/launch-line';
import { ProcessYard } from '../../support/process-yard';

const yard = new ProcessYard();
afterAll(() => {
  yard.close();
});

describe('reasons, from real processes', () => {
  test.each([
    [
      'the end of the command itself by SEGV',
      'kill -SEGV $$',
      { kind: 'executed', crashSignal: 'SIGSEGV', exitCode: 139 },
    ],
    ['by ABRT', 'kill -ABRT $$', { kind: 'executed', crashSignal: 'SIGABRT', exitCode: 134 }],
    ['a KILL that was not ours', 'kill -KILL $$', { reason: 'killed_externally', executed: 'partially' }],
    ['a TERM that was not ours', 'kill -TERM $$', { reason: 'killed_externally' }],
    ['a limit on file size', 'ulimit -f 1; exec head -c 1000000 /dev/zero > big', { reason: 'killed_externally' }],
    ['a limit on CPU time', 'ulimit -t 1; while :; do :; done', { reason: 'killed_externally' }],
    ['a missing program inside a script', 'no-such-program', { reason: 'command_not_found', retryable: false }],
    ['a file inside a script that cannot be executed', '> plain; ./plain', { reason: 'not_executable' }],
  ])('%s', async (_case, script, result) => {
    expect(await yard.run(script)).toMatchObject(result);
  });

  test('a KILL of the wrapper', async () => {
    expect(await yard.run('kill -KILL $PPID; sleep 60')).toMatchObject({
      reason: 'killed_externally',
      executed: 'partially',
      survivors: 0,
    });
    expect(yard.residents()).toEqual([]);
  });

  test('a script whose interpreter is not there', async () => {
    writeFileSync(yard.path('script'), '#!/no/such/interpreter\n');
    chmodSync(yard.path('script'), 0o755);
    expect(await yard.run(['./script'])).toMatchObject({ reason: 'command_not_found', retryable: false });
  });

  describe('a limit on processes, which only ordinary users have', () => {
    // Root is exempt: there the test moves to an account without rights.
    const ordinary = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];

    test('reached by us: the spawn fails', () => {
      const fresh = new ProcessYard();
      chmodSync(fresh.root, 0o777);
      const program = require.resolve('../../support/run-command.cjs');
      const [tool, ...args] = [...ordinary, process.execPath, program] as const;
      const env = { ...process.env, RUN_COMMAND_LIMIT: '1' };
      const { stdout } = spawnSync(tool, [...args, fresh.root, 'true'], { env, encoding: 'utf8' });
      fresh.close();
      expect(JSON.parse(stdout)).toMatchObject({
        reason: 'resource_exhausted',
        executed: false,
        retryable: true,
        errno: 'EAGAIN',
      });
    });

    test('reached by the wrapper: it says so', () => {
      const line = [...ordinary, 'prlimit', '--nproc=0', ...reporting(['true'])];
      const { output } = spawnSync(line[0]!, line.slice(1), { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
      expect(readHandshake(String(output[3]))).toEqual({ kind: 'not-forked' });
    });
  });

  test('a state folder that takes no intent starts nothing', async () => {
    const broken = new ProcessYard();
    writeFileSync(broken.stateDir, 'a file where a folder has to be');
    expect(await broken.run('touch ran')).toMatchObject({ kind: 'tool_error', reason: 'internal', executed: false });
    expect(() => broken.text('ran')).toThrow();
    rmSync(broken.stateDir);
    broken.close();
  });
});

describe('the witness of a test run', () => {
  test('a pattern in the output', async () => {
    const witness = { kind: 'output', pattern: '^Tests: +\\d+ passed' } as const;
    expect(await yard.run('echo "Tests:  3 passed"', { witness })).toMatchObject({ kind: 'executed', exitCode: 0 });
    expect(await yard.run('echo "Tests:  3 passed" >&2; exit 1', { witness })).toMatchObject({ exitCode: 1 });
    expect(await yard.run('echo nothing', { witness })).toMatchObject({ reason: 'no_tests_ran' });
    expect(await yard.run('echo nothing; exit 1', { witness })).toMatchObject({ reason: 'no_tests_ran' });
    expect(await yard.run('echo nothing; exit 2', { witness })).toMatchObject({ kind: 'executed', exitCode: 2 });
  });

  test('a pattern anywhere in the output, however much comes before and after it', async () => {
    const witness = { kind: 'output', pattern: '^Tests: +\\d+ passed$' } as const;
    const noise = (lines: number) => `yes 'a line of noise' | head -n ${lines}`;
    const script = `${noise(200_000)}; printf 'Tests:  3'; sleep 0.05; echo ' passed'; ${noise(200_000)}`;
    const green = await yard.run(script, { witness });
    expect(green).toMatchObject({ kind: 'executed', exitCode: 0, output: { stdout: { truncated: true } } });
    const line = await yard.run(`${script.replace(' passed', ' passed, 1 failed')}; exit 1`, { witness });
    expect(line).toMatchObject({ reason: 'no_tests_ran' });
    expect(line).toHaveProperty('evidence', [expect.stringMatching(/saw it nowhere in \d+ bytes/)]);
  });

  describe('a report, proven new because it is gone before the suite starts', () => {
    const witness = { kind: 'file', path: 'reports/junit.xml' } as const;
    let fresh: ProcessYard;
    beforeEach(() => {
      fresh = new ProcessYard();
      mkdirSync(fresh.path('reports'));
    });
    afterEach(() => {
      fresh.close();
    });
    const write = 'mkdir -p reports && echo new > reports/junit.xml';
    const evidenceOf = (result: RunResult) => ('evidence' in result ? result.evidence.join() : '');

    test.each([
      ['a committed file', 'echo old > reports/junit.xml'],
      ['one with a date in the future', 'touch -d tomorrow reports/junit.xml'],
      ['a folder', 'mkdir -p reports/junit.xml/deep'],
      ['a link to a file', 'echo old > other.xml; ln -s ../other.xml reports/junit.xml'],
      ['a link to nowhere', 'ln -s nowhere reports/junit.xml'],
      ['a pipe', 'mkfifo reports/junit.xml'],
      ['a file in a linked folder', 'rmdir reports; mkdir real; echo old > real/junit.xml; ln -s real reports'],
    ])('%s is no witness, and does not stand in the way of one', async (_case, plant) => {
      execFileSync('sh', ['-c', plant], { cwd: fresh.work });
      expect(await fresh.run('exit 0', { witness })).toMatchObject({ reason: 'no_tests_ran' });
      execFileSync('sh', ['-c', `rm -rf reports real; mkdir reports; ${plant}`], { cwd: fresh.work });
      expect(await fresh.run(write, { witness })).toMatchObject({ kind: 'executed', exitCode: 0 });
      expect(fresh.text('reports/junit.xml')).toBe('new\n');
    });

    test('a report with an old date counts, if the suite made it', async () => {
      const old = await fresh.run('touch -d yesterday reports/junit.xml', { witness });
      expect(old).toMatchObject({ kind: 'executed', exitCode: 0 });
    });

    test.each([
      ['a folder', 'mkdir reports/junit.xml'],
      ['a pipe', 'mkfifo reports/junit.xml'],
      ['a link', 'echo x > x; ln -s ../x reports/junit.xml'],
      ['a device', 'ln -s /dev/null reports/junit.xml'],
    ])('%s that the suite leaves in its place is none', async (_case, script) => {
      const result = await fresh.run(script, { witness });
      expect(result).toMatchObject({ reason: 'no_tests_ran' });
      expect(evidenceOf(result)).toMatch(/no plain file/);
    });

    test.each([
      ['to a name that no system takes', `ln -s ${'x'.repeat(300)} reports`],
      ['to itself', 'ln -s reports reports'],
      ['to a file', 'echo x > file; ln -s file reports'],
      ['(no link, but a file)', 'echo x > reports'],
    ])('a link %s in the place of its folder is no witness, before the suite and behind it', async (_case, plant) => {
      execFileSync('sh', ['-c', `rmdir reports; ${plant}`], { cwd: fresh.work });
      expect(await fresh.run('true', { witness })).toMatchObject({ reason: 'no_tests_ran' });
      expect(await fresh.run(`rm reports; ${write}`, { witness })).toMatchObject({ kind: 'executed', exitCode: 0 });
      expect(await fresh.run(`rm -r reports; ${plant}; true`, { witness })).toMatchObject({ reason: 'no_tests_ran' });
    });

    test('what lies behind a link out of the clone is neither removed nor believed', async () => {
      const outside = join(fresh.root, 'outside');
      mkdirSync(outside);
      writeFileSync(join(outside, 'junit.xml'), 'of somebody else');
      rmdirSync(fresh.path('reports'));
      symlinkSync(outside, fresh.path('reports'));
      const result = await fresh.run('echo more >> reports/junit.xml', { witness });
      expect(result).toMatchObject({ reason: 'no_tests_ran' });
      expect(evidenceOf(result)).toMatch(/leads out of it/);
      expect(readFileSync(join(outside, 'junit.xml'), 'utf8')).toBe('of somebody elsemore\n');
    });

    test.each(['.', '../x', '/etc/hostname', '.git', '.git/config', 'a/../.git/x'])(
      'the path %s is refused before anything is removed',
      async (path) => {
        mkdirSync(fresh.path('.git'));
        writeFileSync(fresh.path('.git/config'), 'kept');
        expect(await fresh.run('true', { witness: { kind: 'file', path } })).toMatchObject({ reason: 'bad_spec' });
        expect(fresh.text('.git/config')).toBe('kept');
      },
    );
  });
});
