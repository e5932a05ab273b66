import { spawn, type ChildProcess } from 'node:child_process';
import { carriers, family } from '../../../src/infrastructure/processes/members';
import { ProcScanner } from '../../../src/infrastructure/processes/proc-scan';
import { RUN_VARIABLE } from '../../../src/infrastructure/processes/proc-table';

const COOKIE = 'the-cookie-of-this-run';
/** Above every pid of Linux: nobody is in its session. */
const MARK = { cookie: COOKIE, pid: 2 ** 22 + 1, startTicks: 0, cgroup: null };
const scanner = new ProcScanner();
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that sleeps; with the cookie of a run, unless that of another. */
function sleeper(cookie: string): number {
  const child = spawn('sleep', ['60'], { stdio: 'ignore', env: { PATH: process.env.PATH, [RUN_VARIABLE]: cookie } });
  children.push(child);
  if (child.pid === undefined) throw new Error('sleep could not be started');
  return child.pid;
}

describe.each([
  ['family', (stats: Parameters<typeof family>[1]) => family(MARK, stats)],
  ['carriers', (stats: Parameters<typeof family>[1]) => carriers(COOKIE, stats)],
])('%s', (_name, members) => {
  test('has who changed its pid after the list was made: the successor is not in the list', async () => {
    const before = await scanner.scan();
    sleeper('of-another-run');
    const successor = sleeper(COOKIE);
    expect((await members(before)).map(({ pid }) => pid)).toEqual([successor]);
  });

  test('has nobody of another run, listed or new', async () => {
    sleeper('of-another-run');
    const before = await scanner.scan();
    sleeper('of-another-run');
    expect(await members(before)).toEqual([]);
  });
});
