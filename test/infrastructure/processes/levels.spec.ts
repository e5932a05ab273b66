import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { ownCgroup } from '../../../src/infrastructure/processes/isolation/cgroup';
import {
  inPidNamespace,
  launchLine,
  namespaceInit,
  type LaunchPart,
} from '../../../src/infrastructure/processes/launch/launch-line';
import { ProcScanner } from '../../../src/infrastructure/processes/proc/proc-scan';
import { ProcessYard, textOf, until } from '../../support/process-yard';
import { announceUntested, usableLevels, type UsableLevel } from '../../support/usable-levels';

const PROGRAM = require.resolve('../../support/run-command.cjs');
const ALL = ['L3-both', 'L2-pidns', 'L2-cgroup', 'L1-cookie', 'L0-group'] as const;
const CONTAINED: readonly string[] = ALL.slice(0, 3);
const WITH_CGROUP: readonly string[] = ['L3-both', 'L2-cgroup'];
const WITH_NAMESPACE: readonly string[] = ['L3-both', 'L2-pidns'];

let usable: readonly UsableLevel[] = [];
beforeAll(async () => {
  const found = await usableLevels();
  usable = found.usable;
  // Which levels there are is a fact of the machine and of the user; that one of them contains is what we are here for.
  found.others.forEach(announceUntested);
});

/** A yard at a level; null where this machine has no such level, which has been announced. */
function yardAt(level: string): ProcessYard | null {
  const found = usable.find((each) => each.level === level);
  return found ? new ProcessYard({ isolation: found.isolation }) : null;
}

async function at(level: string, work: (yard: ProcessYard) => Promise<void>): Promise<void> {
  const yard = yardAt(level);
  if (!yard) return;
  try {
    await work(yard);
  } finally {
    yard.close();
  }
}

test('this machine contains runs, at one level at least', () => {
  expect(usable.filter(({ level }) => CONTAINED.includes(level))).not.toEqual([]);
});

describe.each(ALL)('at %s', (level) => {
  const isContained = CONTAINED.includes(level);

  test('exit codes, crashes and kills mean what they mean everywhere', async () => {
    await at(level, async (yard) => {
      expect(await yard.run('exit 3')).toMatchObject({ kind: 'executed', exitCode: 3, isolation: level });
      expect(await yard.run('kill -SEGV $$')).toMatchObject({ kind: 'executed', crashSignal: 'SIGSEGV' });
      expect(await yard.run('kill -KILL $$')).toMatchObject({ reason: 'killed_externally', executed: 'partially' });
      expect(await yard.run('no-such-program')).toMatchObject({ reason: 'command_not_found' });
      expect(await yard.run(['echo', 'a\\tb', '$HOME', '"'])).toMatchObject({ exitCode: 0 });
    });
  });

  test('arguments arrive as they were given, and the name of a program may hold a =', async () => {
    await at(level, async (yard) => {
      const odd = await yard.run(['printf', '%s|', 'a b', '$x', '"', "'", '*', '\\', '']);
      expect(textOf(odd.output.stdout.head)).toBe(`a b|$x|"|'|*|\\||`);
      await yard.run('mkdir a=b && printf "#!/bin/sh\\nexit 8\\n" > a=b/tool && chmod +x a=b/tool');
      expect(await yard.run([yard.path('a=b/tool')])).toMatchObject({ kind: 'executed', exitCode: 8 });
    });
  });

  test('a suite starts with the signals of an ordinary program, and without our channel', async () => {
    await at(level, async (yard) => {
      const run = await yard.run(
        'grep -E "^Sig(Ign|Blk)" /proc/self/status; ls -l /proc/self/fd | grep -c " 3 ->.*socket"',
      );
      expect(textOf(run.output.stdout.head)).toMatch(/^SigBlk:\s0+\nSigIgn:\s0+\n0\n$/);
    });
  });

  test('daemons, also without environment, session and parent, are gone after a green run', async () => {
    await at(level, async (yard) => {
      const script = '(env -i setsid sleep 60 &); (setsid sleep 61 &); sleep 62 & sleep 0.3';
      const run = await yard.run(script);
      expect(run).toMatchObject({ kind: 'executed', exitCode: 0 });
      // A group has members as long as nobody has waited for its zombies.
      if (level !== 'L0-group') expect(run.survivors).toBe(0);
      expect(run.containment).toBe(isContained ? 'contained' : 'best-effort');
      if (isContained) expect(yard.residents()).toEqual([]);
      if (isContained) expect(run.leaked).toBe(3);
      else expect(yard.residents().length).toBeGreaterThan(0);
    });
  });

  test('and after a timeout', async () => {
    await at(level, async (yard) => {
      const script =
        '(env -i setsid sh -c "trap \\"\\" TERM; while :; do sleep 1; done" &); trap "" TERM; while :; do sleep 1; done';
      const run = await yard.run(script, { timeoutMs: 500, graceMs: 100 });
      // Without /proc a dead process that nobody has waited for yet cannot be told from a live one.
      const survivors = level === 'L0-group' ? (expect.any(Number) as number) : 0;
      expect(run).toMatchObject({ kind: 'tool_error', survivors });
      if (isContained) expect(yard.residents()).toEqual([]);
    });
  });

  test('a suite and its daemons are asked to end exactly once, and may tidy up', async () => {
    await at(level, async (yard) => {
      const tidy =
        'trap "echo $0 >> asked; sleep 0.3; touch tidied-$0; exit 0" TERM; touch up-$0; while :; do sleep 0.05; done';
      const script = `sh -c '${tidy}' child & sh -c '${tidy}' main`;
      const running = yard.run(script, { timeoutMs: 2_000, graceMs: 10_000 });
      await yard.saw('up-child');
      expect(await running).toMatchObject({ kind: 'tool_error', survivors: 0 });
      expect(yard.text('asked').trim().split('\n').sort()).toEqual(['child', 'main']);
      expect([existsSync(yard.path('tidied-child')), existsSync(yard.path('tidied-main'))]).toEqual([true, true]);
    });
  });

  test('what a suite sends to its own group stays with it', async () => {
    await at(level, async (yard) => {
      expect(await yard.run(`trap '' TERM HUP; kill -HUP 0; kill -TERM 0; exit 6`)).toMatchObject({ exitCode: 6 });
    });
  });

  test('a stopped suite is woken up to hear that it has to end', async () => {
    await at(level, async (yard) => {
      const run = await yard.run('kill -STOP $$; sleep 60', { timeoutMs: 400, graceMs: 15_000 });
      expect(run.durationMs).toBeLessThan(10_000);
    });
  });

  test('an abort at any moment of the start leaves nothing', async () => {
    await at(level, async (yard) => {
      for (let turn = 0; turn < 8; turn += 1) {
        const stop = new AbortController();
        const running = yard.run('sleep 60 & wait', { signal: stop.signal, graceMs: 5_000 });
        if (turn > 0) await delay(turn * 2);
        stop.abort();
        const run = await running;
        expect(run).toMatchObject({ reason: 'aborted' });
        // Without /proc a zombie that its parent is slow to take counts as alive.
        if (level !== 'L0-group') expect(run.survivors).toBe(0);
        expect(yard.residents()).toEqual([]);
      }
    });
  });

  test.each([
    ['where nobody waited for it', ''],
    ['of who is left behind', 'sleep 60'],
    ['of who is waited for by who is left behind', '(sleep 60; touch late); sleep 60'],
  ])('CPU is accounted for, also %s', async (_, after) => {
    await at(level, async (yard) => {
      const burn = 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done';
      const { usage } = await yard.run(
        `(setsid sh -c '(${burn}); touch burnt; ${after}' &); while [ ! -e burnt ]; do sleep 0.05; done`,
      );
      if (isContained) expect(usage.cpuUserMs + usage.cpuSysMs).toBeGreaterThan(50);
      expect(usage.source).toBe(WITH_CGROUP.includes(level) ? 'cgroup' : 'cutime');
    });
  });

  test('a name of two lines is counted as any other, and what stands in it is not run', async () => {
    await at(level, async (yard) => {
      const run = await yard.run(
        `n="$(printf 'x\\n) S 1 2')"; cp "$(command -v sleep)" "$n"; (setsid "./$n" 60 &); sleep 0.3`,
      );
      expect(run).toMatchObject({ kind: 'executed', exitCode: 0 });
      if (level !== 'L0-group') expect(run.survivors).toBe(0);
      if (isContained) expect(run.leaked).toBe(1);
    });
  });

  test('a run inside a run is ended with it', async () => {
    await at(level, async (yard) => {
      const inner = `${process.execPath} ${PROGRAM} ${yard.root} sh -c "cd work; touch inner; sleep 60"`;
      const running = yard.run(inner, { timeoutMs: 60_000, graceMs: 100 });
      await yard.saw('inner');
      for (const { pid, comm } of yard.residents()) if (comm === 'node') process.kill(pid, 'SIGKILL');
      await running;
      if (level !== 'L0-group') expect(yard.residents()).toEqual([]);
    });
  });
});

describe.each(WITH_CGROUP)('the cgroup at %s', (level) => {
  test('exists while the run does, holds it, and is gone afterwards with all that was made in it', async () => {
    await at(level, async (yard) => {
      const spec = yard.spec(
        'mkdir "$(cat /proc/self/cgroup | sed -n "s/^0::/\\/sys\\/fs\\/cgroup\\/unified/p")/inner"; touch up; sleep 0.3',
      );
      const path = join(ownCgroup()!, `stagegate-${spec.runId}`);
      const running = yard.runner.run(spec);
      await yard.saw('up');
      expect(readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').length).toBeGreaterThan(1);
      await running;
      expect(existsSync(path)).toBe(false);
    });
  });

  test('tells how long the run waited for a processor', async () => {
    await at(level, async (yard) => {
      const { usage } = await yard.run('exit 0');
      expect(usage.psiFullShare).toBeGreaterThanOrEqual(0);
      expect(usage.psiFullShare).toBeLessThanOrEqual(1);
    });
  });
});

describe.each(WITH_NAMESPACE)('the pid namespace at %s', (level) => {
  test('shows a suite its own processes only', async () => {
    await at(level, async (yard) => {
      const run = await yard.run('ls /proc | grep -c "^[0-9]"; echo $$; id -u');
      const [seen, pid, uid] = textOf(run.output.stdout.head).trim().split('\n').map(Number);
      expect(seen).toBeLessThan(10);
      expect(pid).toBeLessThan(10);
      expect(uid).toBe(process.getuid!());
    });
  });

  test('ends by itself when the runner is killed', async () => {
    await at(level, async (yard) => {
      const args = [PROGRAM, yard.root, 'sh', '-c', 'cd work; (env -i setsid sleep 60 &); touch up; sleep 60'];
      const env = { ...process.env, RUN_COMMAND_LEVEL: level };
      const runner = spawn(process.execPath, args, { stdio: 'ignore', env });
      await yard.saw('up');
      runner.kill('SIGKILL');
      await until(() => yard.residents().length === 0, 5_000);
    });
  });
});

test('the first process of a namespace refuses to be anything else: its TERM would reach everybody', async () => {
  const yard = new ProcessYard();
  const tools = { setsid: '/usr/bin/setsid', env: '/usr/bin/env', sleep: '/bin/sleep' };
  const outside: LaunchPart = namespaceInit(tools);
  const run = await yard.run(launchLine([outside], ['true']));
  expect(run).toMatchObject({ kind: 'executed', exitCode: 125 });
  expect(inPidNamespace('unshare', [])(['x'])).toContain('--kill-child=SIGKILL');
  yard.close();
});

test('the first process of a namespace starts nothing before the service has answered it', async () => {
  const level = usable.find((each) => each.level === 'L2-pidns');
  if (!level) return;
  const yard = new ProcessYard({ isolation: level.isolation });
  const line = (marker: string) => level.isolation(new ProcScanner()).launch(['touch', join(yard.work, marker)], null);
  /** Runs the part of the launch line from `unshare` on, for a service that hears `S`, says `answer` and is gone. */
  const run = async (marker: string, answer: string) => {
    const whole = line(marker);
    const [program = '', ...args] = whole.slice(whole.findIndex((part) => part.endsWith('/unshare')));
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    const channel = child.stdio[3] as Duplex;
    channel.once('data', () => channel.end(answer));
    await new Promise((resolve) => child.on('close', resolve));
    return existsSync(join(yard.work, marker));
  };
  expect(await run('answered', 'G\n')).toBe(true);
  expect(await run('unanswered', '')).toBe(false);
  yard.close();
});
