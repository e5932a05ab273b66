import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deadline } from '../../../src/infrastructure/processes/deadline';
import { LogFile } from '../../../src/infrastructure/processes/output/log-file';
import { ProcessYard } from '../../support/process-yard';

const yard = new ProcessYard();
afterAll(() => {
  yard.close();
});

describe('the log file', () => {
  test('holds both streams, for its owner only, in folders made for it', async () => {
    const logFile = join(yard.root, 'logs', 'deep', 'run.log');
    const run = await yard.run('echo one; echo two >&2', { logFile });
    expect(run.logFault).toBeUndefined();
    expect(readFileSync(logFile, 'utf8').split('\n').sort()).toEqual(['', 'one', 'two']);
    expect(statSync(logFile).mode & 0o777).toBe(0o600);
  });

  test('is cut at its limit and says so, while counting goes on', async () => {
    const logFile = join(yard.root, 'cut.log');
    const run = await yard.run('head -c 300000 /dev/zero', { logFile, maxLogBytes: 1_000 });
    expect(run.output.stdout.totalBytes).toBe(300_000);
    const text = readFileSync(logFile, 'latin1');
    expect(text).toBe(`${'\0'.repeat(1_000)}\n[stagegate: the log is cut here]\n`);
  });

  test('a full disk costs the log, not the run', async () => {
    const run = await yard.run('echo lost; exit 3', { logFile: '/dev/full' });
    expect(run).toMatchObject({ kind: 'executed', exitCode: 3 });
    expect(run.logFault).toContain('ENOSPC');
    expect(Buffer.from(run.output.stdout.head).toString()).toBe('lost\n');
  });

  test.each([
    ['a link', 'ln -s victim run.log'],
    ['a pipe', 'mkfifo run.log'],
    ['a second name of a file', 'ln victim run.log'],
    ['a folder', 'mkdir run.log'],
  ])('%s in its place is left alone, blocks nothing, and costs the log, not the run', async (name, plant) => {
    const folder = join(yard.root, name.replaceAll(' ', '-'));
    mkdirSync(folder);
    writeFileSync(join(folder, 'victim'), 'precious');
    execFileSync('sh', ['-c', plant], { cwd: folder });
    const run = await yard.run('echo lost; exit 3', { logFile: join(folder, 'run.log') });
    expect(run).toMatchObject({ kind: 'executed', exitCode: 3 });
    expect(run.logFault).toMatch(/ELOOP|ENXIO|EISDIR|expected a plain file/);
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('precious');
  });

  test('a folder that cannot be made costs the log, not the run', async () => {
    writeFileSync(join(yard.root, 'file'), '');
    const run = await yard.run('exit 4', { logFile: join(yard.root, 'file', 'run.log') });
    expect(run).toMatchObject({ kind: 'executed', exitCode: 4 });
    expect(run.logFault).toMatch(/ENOTDIR|EEXIST/);
  });

  test('a folder that vanishes in the middle costs the log, not the run', async () => {
    const folder = join(yard.root, 'vanishing');
    mkdirSync(folder);
    const running = yard.run('echo before; touch gone; while [ -e gone ]; do sleep 0.01; done; echo after; exit 5', {
      logFile: join(folder, 'run.log'),
    });
    await yard.saw('gone');
    rmSync(folder, { recursive: true });
    rmSync(yard.path('gone'));
    expect(await running).toMatchObject({ kind: 'executed', exitCode: 5 });
    expect(existsSync(folder)).toBe(false);
  });

  test('leaves out, and counts, what a disk does not take in time', async () => {
    const path = join(yard.root, 'slow.log');
    const log = new LogFile(path, 100_000_000);
    // All in one turn of the event loop: nothing can be written in between.
    for (let i = 0; i < 200; i += 1) log.take(Buffer.alloc(65_536, 'x'));
    expect(await log.close(Deadline.in(1_000))).toBeNull();
    const missing = Number(/(\d+) bytes are missing here/.exec(readFileSync(path, 'latin1'))?.[1]);
    expect(missing).toBeGreaterThan(4_000_000);
    const kept = readFileSync(path, 'latin1').split('x').length - 1;
    expect(kept + missing).toBe(200 * 65_536);
  });
});
