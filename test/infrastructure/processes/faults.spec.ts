import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { oomCounters } from '../../../src/infrastructure/processes/isolation/cgroup-usage';
import { ProcessYard } from '../../support/process-yard';
import { testWherePossible } from '../../support/test-where-possible';

const PROGRAM = require.resolve('../../support/run-command.cjs');

/** What a runner of its own says of a command, started by a script that gets the program as its arguments. */
function resultIn(yard: ProcessYard, script: string, command: readonly string[]): unknown {
  const args = ['-c', script, 'sh', process.execPath, PROGRAM, yard.root, ...command];
  const { stdout, stderr } = spawnSync('sh', args, { encoding: 'utf8' });
  if (stdout === '') throw new Error(`expected a result, saw ${stderr}`);
  return JSON.parse(stdout);
}

/** A child of the memory cgroup that the tests are in; null where there is none to be had. */
function smallCgroup(): { readonly path: string; readonly remove: () => void } | null {
  const [counter] = oomCounters();
  if (counter === undefined) return null;
  const path = join(dirname(counter), `stagegate-test-${process.pid}`);
  try {
    mkdirSync(path);
    const v1 = join(path, 'memory.limit_in_bytes');
    writeFileSync(existsSync(v1) ? v1 : join(path, 'memory.max'), String(256 * 1024 * 1024));
    return {
      path,
      remove: () => {
        rmdirSync(path);
      },
    };
  } catch {
    // Not for this user, or not here: the test says so.
    return null;
  }
}

describe('a service without a stdin', () => {
  test('gives its suites an empty one', () => {
    const yard = new ProcessYard();
    const result = resultIn(yard, 'exec "$@" <&-', ['sh', '-c', 'read line && exit 1; exit 3']);
    expect(result).toMatchObject({ kind: 'executed', exitCode: 3, survivors: 0 });
    yard.close();
  });
});

describe('a suite that wants more memory than there is', () => {
  const cgroup = smallCgroup();
  const obstacle = cgroup ? null : 'no memory cgroup can be made here';
  afterAll(() => cgroup?.remove());

  testWherePossible(obstacle, 'is no red: the kernel ended it', async () => {
    const yard = new ProcessYard();
    try {
      const greedy = 'head -c 600000000 /dev/zero | tail -c 600000000 | wc -c; echo $?; kill -KILL $$';
      const script = `echo $$ > ${join(cgroup!.path, 'cgroup.procs')}; exec "$@"`;
      const result = resultIn(yard, script, ['sh', '-c', greedy]);
      expect(result).toMatchObject({
        kind: 'tool_error',
        reason: 'oom_killed',
        executed: 'partially',
        retryable: true,
      });
    } finally {
      yard.close();
      expect(readFileSync(join(cgroup!.path, 'cgroup.procs'), 'utf8')).toBe('');
    }
  });

  test('but a KILL without a lack of memory is somebody’s', async () => {
    const yard = new ProcessYard();
    expect(await yard.run('kill -KILL $$')).toMatchObject({ reason: 'killed_externally' });
    yard.close();
  });
});
