import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { outsideWorker } from '../../../src/domain/task/outside';
import { ProcWorkerHost } from '../../../src/infrastructure/processes/proc/proc-worker-host';
import { testWherePossible } from '../../support/test-where-possible';

const PROGRAM = require.resolve('../../support/worker-host.cjs');
/** A world without /proc; as an ordinary user in a user namespace, where a file system may be mounted too. */
const WITHOUT_PROC = ['unshare', ...(process.getuid?.() === 0 ? [] : ['-Ur']), '--mount', 'sh', '-c'];
const HIDE = 'mount -t tmpfs none /proc && exec "$0" "$@"';

function hidden(...args: readonly string[]): readonly [string, string[]] {
  const [program = '', ...rest] = [...WITHOUT_PROC, HIDE, process.execPath, PROGRAM, ...args];
  return [program, rest];
}

function obstacle(): string | null {
  try {
    execFileSync(...hidden('self'), { stdio: 'ignore' });
    return null;
  } catch {
    return 'this user cannot hide /proc';
  }
}

function answers(program: string, args: readonly string[], env = {}): unknown {
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, ...env } }));
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function living(program: string, args: readonly string[]): Promise<{ child: ChildProcess; worker: string }> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, worker: JSON.parse(line.toString()) as string };
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const unable = obstacle();

describe('a worker is provably dead', () => {
  test('when no process has its pid and its start time, and not before', async () => {
    const { child, worker } = await living(process.execPath, [PROGRAM, 'live']);
    const host = new ProcWorkerHost();
    expect(host.isProvablyDead(worker)).toBe(false);
    expect(host.isProvablyDead(worker.replace(/\d+$/, '1'))).toBe(true);
    await ended(child);
    expect(host.isProvablyDead(worker)).toBe(true);
  });

  test('never on the word of another host, or of a name that is none', () => {
    const host = new ProcWorkerHost();
    expect(host.isProvablyDead(`elsewhere${host.self.slice(host.self.indexOf('/'))}`)).toBe(false);
    expect(host.isProvablyDead('nonsense')).toBe(false);
    expect(host.isProvablyDead(`${host.self}/more`)).toBe(false);
  });

  test('no worker from outside is, whatever its principal is called', () => {
    const host = new ProcWorkerHost();
    const [name, boot, namespace] = host.self.split('/');
    const dead = `${name}/${boot}/${namespace}/999999999/1`;
    expect(host.isProvablyDead(dead)).toBe(true);
    for (const principal of [dead, `${name}/another-boot/${namespace}/1`, name ?? '', ''])
      expect(host.isProvablyDead(outsideWorker(principal, '1f2e3d4c'))).toBe(false);
  });

  testWherePossible(unable, 'without /proc only when its pid is nobody’s: a living one is left alone', async () => {
    const { child, worker } = await living(...hidden('live'));
    expect(answers(...hidden('dead', worker), { NO_NAMESPACES: '1' })).toEqual([false]);
    await ended(child);
    expect(answers(...hidden('dead', worker), { NO_NAMESPACES: '1' })).toEqual([true]);
    // Where there are pid namespaces, nobody here may be somebody there.
    expect(answers(...hidden('dead', worker))).toEqual([false]);
  });

  testWherePossible(unable, 'not because one of the two could see /proc and the other could not', async () => {
    const blind = await living(...hidden('live'));
    const seeing = await living(process.execPath, [PROGRAM, 'live']);
    expect(new ProcWorkerHost().isProvablyDead(blind.worker)).toBe(false);
    expect(answers(...hidden('dead', seeing.worker))).toEqual([false]);
  });
});
