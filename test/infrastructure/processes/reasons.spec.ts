import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { readHandshake } from '../../../src/infrastructure/processes/handshake';
import { reporting } from '../../../src/infrastructure/processes/launch-line';
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

  test('a report that is newer than the start', async () => {
    const witness = { kind: 'file', path: 'report.xml' } as const;
    expect(await yard.run('touch report.xml', { witness })).toMatchObject({ kind: 'executed', exitCode: 0 });
    expect(await yard.run('touch -d yesterday report.xml', { witness })).toMatchObject({ reason: 'no_tests_ran' });
    expect(await yard.run('rm report.xml', { witness })).toMatchObject({ reason: 'no_tests_ran' });
  });
});
