import { spawn } from 'node:child_process';
import { ProcScanner } from '../../../src/infrastructure/processes/proc/proc-scan';
import { cookieOf, hasCookie, isAlive, readStat } from '../../../src/infrastructure/processes/proc/proc-table';
import { killGroup } from '../../../src/infrastructure/processes/ending/signals';
import { until } from '../../support/process-yard';

describe('a scan', () => {
  test('begins after it was asked for: whoever lives then is in it', async () => {
    const scanner = new ProcScanner();
    const early = scanner.scan();
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const late = scanner.scan();
    const pids = (await late).map(({ pid }) => pid);
    expect(pids).toContain(child.pid);
    expect(pids).toContain(process.pid);
    await early;
    child.kill('SIGKILL');
  });

  test('is one for all who ask while another is under way', async () => {
    const scanner = new ProcScanner();
    const first = scanner.scan();
    await Promise.resolve();
    const [second, third] = [scanner.scan(), scanner.scan()];
    expect(third).toBe(second);
    expect(second).not.toBe(first);
    expect((await second).length).toBeGreaterThan(1);
  });

  test('lets others work meanwhile', async () => {
    const children = Array.from({ length: 120 }, () => spawn('sleep', ['60'], { stdio: 'ignore' }));
    let turns = 0;
    const count = () => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await new ProcScanner().scan();
    clearImmediate(next);
    for (const child of children) child.kill('SIGKILL');
    expect(turns).toBeGreaterThan(1);
  });
});

describe('a line of the process table', () => {
  test('is read rightly whatever the process calls itself', async () => {
    const script = 'printf "a) R 1 (b" > /proc/$$/comm; sleep 60 & wait';
    const child = spawn('sh', ['-c', script], { stdio: 'ignore', detached: true });
    await until(() => readStat(child.pid!)?.comm === 'a) R 1 (b');
    expect(readStat(child.pid!)).toMatchObject({ ppid: process.pid, pgid: child.pid, sid: child.pid });
    process.kill(-child.pid!, 'SIGKILL');
  });

  test('tells a zombie from the living', async () => {
    const child = spawn('sh', ['-c', 'true & exec sleep 60'], { stdio: 'ignore' });
    const scanner = new ProcScanner();
    const zombie = async () => (await scanner.scan()).find(({ ppid, state }) => ppid === child.pid && state === 'Z');
    let found = await zombie();
    for (let i = 0; i < 500 && !found; i += 1) found = await zombie();
    expect(found).toBeDefined();
    expect(isAlive(found!)).toBe(false);
    expect(isAlive(readStat(child.pid!))).toBe(true);
    child.kill('SIGKILL');
  });

  test('says whose run it is, by whole entries of the environment only', async () => {
    const env = { SG_RUN: 'abc', SG_OUTER: 'x,yz', OTHER_SG_RUN: 'nope', NOTE: 'SG_RUN=fake' };
    const child = spawn('/bin/sleep', ['60'], { stdio: 'ignore', env });
    await until(() => cookieOf(child.pid!) === 'abc');
    const pid = child.pid!;
    expect(['abc', 'x', 'yz'].map((cookie) => hasCookie(pid, cookie))).toEqual([true, true, true]);
    expect(['ab', 'abcd', 'y', 'nope', 'fake', ''].map((cookie) => hasCookie(pid, cookie))).toEqual(
      Array(6).fill(false),
    );
    child.kill('SIGKILL');
  });
});

test('no signal goes to ourselves, to init, to everybody or to nobody', () => {
  for (const pgid of [0, 1, -1, 1.5, Number.NaN]) expect(killGroup(pgid, 'SIGCONT')).toBe(false);
});
