import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ownCgroup } from '../../../src/infrastructure/processes/isolation/cgroup';
import { bootId, readStat } from '../../../src/infrastructure/processes/proc/proc-table';
import { ProcWorkerHost } from '../../../src/infrastructure/processes/proc/proc-worker-host';
import { RunFiles } from '../../../src/infrastructure/processes/run-file';
import { ProcessYard, until } from '../../support/process-yard';
import { announceUntested, usableLevels } from '../../support/usable-levels';

const PROGRAM = require.resolve('../../support/run-command.cjs');
const host = new ProcWorkerHost();

let yard: ProcessYard;
beforeEach(() => {
  yard = new ProcessYard();
});
afterEach(() => {
  yard.close();
});

/** A runner in a process of its own, which runs a script in the yard. */
function runElsewhere(script: string, level = 'L1-cookie'): ChildProcess {
  const env = { ...process.env, RUN_COMMAND_LEVEL: level };
  const args = [PROGRAM, yard.root, 'sh', '-c', `cd work; ${script}`];
  return spawn(process.execPath, args, { stdio: 'ignore', env });
}

/** A stranger in a session of its own, somewhere in the yard. */
function stranger(): ChildProcess & { readonly pid: number } {
  const child = spawn('sleep', ['60'], {
    cwd: yard.work,
    detached: true,
    stdio: 'ignore',
    env: { PATH: '/usr/bin:/bin' },
  });
  return child as ChildProcess & { readonly pid: number };
}

function runFileNames(): readonly string[] {
  const folder = join(yard.stateDir, 'runs');
  return existsSync(folder) ? readdirSync(folder) : [];
}

function writeRunFile(lines: readonly object[]): void {
  mkdirSync(join(yard.stateDir, 'runs'), { recursive: true });
  writeFileSync(join(yard.stateDir, 'runs', 'r1.json'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

const DEAD = 'somewhere/else/pid:[1]/1/1';
const INTENT = { runId: 'r1', cookie: 'no-such-cookie', worker: DEAD, bootId: bootId() };

describe('what a killed runner left', () => {
  test('is ended by the next start: group, daemons and stopped processes', async () => {
    const runner = runElsewhere('(setsid sleep 60 &); env -i sleep 60 & sleep 60 & kill -STOP $!; touch up; wait');
    await yard.saw('up');
    runner.kill('SIGKILL');
    await new Promise((done) => runner.once('exit', done));
    expect(yard.residents().length).toBeGreaterThanOrEqual(4);
    const recovered = await yard.runner.recover((worker) => host.isProvablyDead(worker));
    expect(yard.residents()).toEqual([]);
    expect(recovered).toEqual([expect.objectContaining({ skipped: 0 })]);
    expect(recovered[0]!.killed).toBeGreaterThanOrEqual(4);
    expect(runFileNames()).toEqual([]);
  });

  test('is ended also when the runner died before it could note whom it had spawned', async () => {
    const runner = runElsewhere('(setsid sleep 60 &); touch up; sleep 60');
    await yard.saw('up');
    runner.kill('SIGKILL');
    await new Promise((done) => runner.once('exit', done));
    const [name = ''] = runFileNames();
    const path = join(yard.stateDir, 'runs', name);
    writeFileSync(path, `${readFileSync(path, 'utf8').split('\n')[0] ?? ''}\n{"pid":12`);
    await yard.runner.recover((worker) => host.isProvablyDead(worker));
    expect(yard.residents()).toEqual([]);
  });

  test('is nobody’s business while the runner lives', async () => {
    const runner = runElsewhere('touch up; sleep 60');
    await yard.saw('up');
    expect(await yard.runner.recover((worker) => host.isProvablyDead(worker))).toEqual([]);
    expect(yard.residents().length).toBeGreaterThanOrEqual(2);
    expect(runFileNames()).toHaveLength(1);
    runner.kill('SIGKILL');
  });
});

describe('what a killed runner left in a cgroup', () => {
  const DAEMONS = 'for i in 1 2 3 4 5; do (env -i setsid sleep 60 &); done; sleep 0.3; touch up; sleep 60';

  test('is ended by its path, without asking for any pid, and the folder goes with it', async () => {
    const { usable } = await usableLevels();
    if (!usable.some(({ level }) => level === 'L2-cgroup')) {
      announceUntested('recovery by cgroup: none can be made here');
      return;
    }
    const runner = runElsewhere(DAEMONS, 'L2-cgroup');
    await yard.saw('up');
    runner.kill('SIGKILL');
    await new Promise((done) => runner.once('exit', done));
    const { cgroup } = new RunFiles(yard.stateDir).all()[0]!;
    expect(readFileSync(join(cgroup!, 'cgroup.procs'), 'utf8').split('\n').length).toBeGreaterThan(5);
    const recovered = await yard.runner.recover((worker) => host.isProvablyDead(worker));
    expect(yard.residents()).toEqual([]);
    expect(recovered[0]!.killed).toBeGreaterThanOrEqual(7);
    expect(existsSync(cgroup!)).toBe(false);
  });

  test('is looked for only where we make cgroups: a run file cannot point at others', async () => {
    const innocent = stranger();
    const elsewhere = join(yard.root, 'stagegate-r1');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'cgroup.kill'), '');
    const mounted = readFileSync('/proc/self/mountinfo', 'utf8').includes(' - cgroup2 ') ? ownCgroup() : null;
    for (const cgroup of [mounted, elsewhere, '/', '/sys/fs/cgroup']) {
      if (cgroup === null) continue;
      writeRunFile([{ ...INTENT, cgroup }]);
      expect(await yard.runner.recover(() => true)).toMatchObject([{ killed: 0 }]);
    }
    expect(readFileSync(join(elsewhere, 'cgroup.kill'), 'utf8')).toBe('');
    expect(readStat(innocent.pid)).not.toBeNull();
  });
});

describe('a process that has been given the number of ours', () => {
  test('is never touched: its start time differs', async () => {
    const innocent = stranger();
    const { startTicks } = readStat(innocent.pid)!;
    writeRunFile([INTENT, { pid: innocent.pid, startTicks: startTicks - 1 }]);
    const recovered = await yard.runner.recover(() => true);
    expect(recovered).toEqual([{ runId: 'r1', cookie: 'no-such-cookie', killed: 0, skipped: 1 }]);
    expect(readStat(innocent.pid)).toMatchObject({ startTicks, state: expect.stringMatching(/[RS]/) as string });
  });

  test('is ended when it is the very process: same start time', async () => {
    const ours = stranger();
    writeRunFile([INTENT, { pid: ours.pid, startTicks: readStat(ours.pid)!.startTicks }]);
    expect(await yard.runner.recover(() => true)).toMatchObject([{ killed: 1, skipped: 0 }]);
    await until(() => yard.residents().length === 0);
  });

  test('is never touched when the machine has been started anew since', async () => {
    const innocent = stranger();
    const { startTicks } = readStat(innocent.pid)!;
    writeRunFile([
      { ...INTENT, bootId: 'an-earlier-boot' },
      { pid: innocent.pid, startTicks },
    ]);
    expect(await yard.runner.recover(() => true)).toEqual([
      { runId: 'r1', cookie: 'no-such-cookie', killed: 0, skipped: 0 },
    ]);
    expect(yard.residents()).toHaveLength(1);
    expect(runFileNames()).toEqual([]);
  });

  test('and numbers that mean ourselves, init or everybody are no numbers of runs', async () => {
    const innocent = stranger();
    for (const pid of [0, 1, -1, process.pid]) {
      writeRunFile([INTENT, { pid, startTicks: 0 }]);
      expect(await yard.runner.recover(() => true)).toMatchObject([{ killed: 0 }]);
    }
    expect(readStat(innocent.pid)).not.toBeNull();
  });
});

describe('run files', () => {
  test('are there while the command runs, with its wrapper in them, and gone afterwards', async () => {
    const running = yard.run('touch up; while [ ! -e stop ]; do sleep 0.02; done');
    await yard.saw('up');
    const [file] = new RunFiles(yard.stateDir).all();
    expect(file).toMatchObject({ worker: yard.worker, bootId: bootId() });
    expect(readStat(file!.start!.pid)).toMatchObject({ startTicks: file!.start!.startTicks, sid: file!.start!.pid });
    writeFileSync(yard.path('stop'), '');
    await running;
    expect(runFileNames()).toEqual([]);
  });

  test('that are torn, foreign or empty disturb nobody', async () => {
    mkdirSync(join(yard.stateDir, 'runs'), { recursive: true });
    for (const [name, text] of [
      ['torn.json', '{"runId":"x","coo'],
      ['empty.json', ''],
      ['foreign.json', '{"hello":1}\n'],
      ['note.txt', 'hello'],
    ] as const)
      writeFileSync(join(yard.stateDir, 'runs', name), text);
    expect(await yard.runner.recover(() => true)).toEqual([]);
    expect(await yard.run('exit 3')).toMatchObject({ exitCode: 3 });
  });
});

test('names of pipes that a dead process left are taken away, those of a living one are not', async () => {
  const runs = join(yard.stateDir, 'runs');
  mkdirSync(runs, { recursive: true });
  for (const name of ['pipe-old', 'pipe-new']) writeFileSync(join(runs, name), '');
  utimesSync(join(runs, 'pipe-old'), 0, 0);
  await yard.runner.recover(() => true);
  expect(runFileNames()).toEqual(['pipe-new']);
});

describe('whose process it is', () => {
  test('one that lives is not dead, one that ended is', async () => {
    const child = stranger();
    const worker = [...host.self.split('/').slice(0, 3), child.pid, readStat(child.pid)!.startTicks].join('/');
    expect(host.isProvablyDead(host.self)).toBe(false);
    expect(host.isProvablyDead(worker)).toBe(false);
    child.kill('SIGKILL');
    await until(() => host.isProvablyDead(worker));
  });

  test('nothing is proved about another host or another pid namespace', () => {
    const [name, boot, namespace, pid, ticks] = host.self.split('/');
    expect(host.isProvablyDead(['elsewhere', boot, namespace, '1', '1'].join('/'))).toBe(false);
    expect(host.isProvablyDead([name, boot, 'pid:[1]', '999999999', '1'].join('/'))).toBe(false);
    expect(host.isProvablyDead([name, 'another-boot', namespace, pid, ticks].join('/'))).toBe(true);
    expect(host.isProvablyDead([name, boot, namespace, pid, '1'].join('/'))).toBe(true);
    expect(host.isProvablyDead('not a worker')).toBe(false);
  });
});

test('a runner that is killed at any moment of a start leaves nothing that the next start does not find', async () => {
  for (let turn = 0; turn < 6; turn += 1) {
    const runner = runElsewhere('setsid sleep 60 & sleep 60 & touch up; wait');
    if (turn < 3) await yard.saw('up');
    else await until(() => runFileNames().length > 0);
    await delay(turn);
    runner.kill('SIGKILL');
    await new Promise((done) => runner.once('exit', done));
    await yard.runner.recover((worker) => host.isProvablyDead(worker));
    expect(yard.residents()).toEqual([]);
  }
});
