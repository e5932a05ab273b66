import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { carriers, family } from '../../../src/infrastructure/processes/ending/members';
import { loopTurn, ProcScanner } from '../../../src/infrastructure/processes/proc/proc-scan';
import { cookieOf, readStat, RUN_VARIABLE } from '../../../src/infrastructure/processes/proc/proc-table';

const COOKIE = 'the-cookie-of-this-run';
/** Above every pid of Linux: nobody is in its session. */
const MARK = { cookie: COOKIE, pid: 2 ** 22 + 1, startTicks: 0, cgroup: null };
const scanner = new ProcScanner();
const children: ChildProcess[] = [];
const lateChildren: number[] = [];

afterEach(() => {
  for (const pid of lateChildren.splice(0)) process.kill(pid, 'SIGKILL');
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that sleeps, in a session of its own; with the cookie of a run, unless that of another. */
function sleeper(cookie: string): number {
  return pidOf(started('sleep', ['60'], cookie));
}

function started(program: string, args: readonly string[], cookie: string): ChildProcess {
  const env = { PATH: process.env.PATH, [RUN_VARIABLE]: cookie };
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], detached: true, env });
  children.push(child);
  return child;
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('a program could not be started');
  return pid;
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

  test('has whom somebody listed has started since, also with a wiped environment in a session of its own', async () => {
    const parent = started('sh', ['-c', 'read -r _; setsid env -i sleep 60 & echo $!; wait'], COOKIE);
    await once(parent, 'spawn');
    const before = await scanner.scan();
    parent.stdin?.write('go\n');
    const [said] = (await once(parent.stdout ?? parent, 'data')) as [Buffer];
    const child = Number(said.toString());
    lateChildren.push(child);
    while (cookieOf(child) !== undefined) await loopTurn();
    expect((await members(before)).map(({ pid }) => pid)).toEqual([pidOf(parent), child]);
  });

  test('has nobody of another run, listed or new', async () => {
    sleeper('of-another-run');
    const before = await scanner.scan();
    sleeper('of-another-run');
    expect(await members(before)).toEqual([]);
  });
});

test('a session whose leader came after the list is somebody else’s: the number was given away again', async () => {
  const before = await scanner.scan();
  const pid = sleeper('of-another-run');
  const startTicks = (readStat(pid)?.startTicks ?? 0) - 1;
  expect(await family({ ...MARK, pid, startTicks }, before)).toEqual([]);
  expect(await family({ ...MARK, pid, startTicks: startTicks + 1 }, before)).toMatchObject([{ pid }]);
});
