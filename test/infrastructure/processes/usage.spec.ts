import { availableParallelism } from 'node:os';
import type { Usage } from '../../../src/application/ports/process-runner';
import { isStarved, usageLines } from '../../../src/infrastructure/processes/starvation';
import { ProcessYard } from '../../support/process-yard';

const BUSY = 'while :; do :; done';

describe('what is known about a run', () => {
  const yard = new ProcessYard();
  afterAll(() => {
    yard.close();
  });

  test('processes that used the machine meanwhile are named, with the run that they belong to', async () => {
    const enough = new AbortController();
    const limits = { timeoutMs: 60_000, graceMs: 100, signal: enough.signal };
    const hog = yard.run(`touch hog; ${BUSY}`, { cookie: 'old-run-0', ...limits });
    await yard.saw('hog');
    const run = await yard.run('sleep 60', { timeoutMs: 3_000, graceMs: 100 });
    enough.abort();
    const culprit = run.usage.topForeign.find(({ cookie }) => cookie === 'old-run-0');
    expect(culprit).toMatchObject({ comm: 'sh' });
    expect(culprit!.cpuMs).toBeGreaterThan(200);
    await hog;
  });

  test('the run itself is not among them', async () => {
    const run = await yard.run(BUSY, { cookie: 'me', timeoutMs: 1_000, graceMs: 100 });
    expect(run.usage.topForeign.filter(({ cookie }) => cookie === 'me')).toEqual([]);
    expect(run.usage.cpuUserMs + run.usage.cpuSysMs).toBeGreaterThan(100);
  });

  test('a machine’s load, pressure and business are there for every run', async () => {
    const { usage } = await yard.run('exit 0');
    expect(usage.load1).toEqual([expect.any(Number), expect.any(Number)]);
    expect(usage.machineBusyCores).toBeGreaterThanOrEqual(0);
    expect(usage.machineBusyCores).toBeLessThanOrEqual(availableParallelism() + 1);
  });
});

/** What was measured on two cores with busy loops: own + foreign processes, and what came of it. */
function usage(ownCores: number, foreignCores: number, more: Partial<Usage> = {}): Usage {
  const load1 = [0, 0] as const;
  const machineBusyCores = ownCores + foreignCores;
  return { cpuUserMs: 0, cpuSysMs: 0, source: 'cgroup', load1, ownCores, machineBusyCores, topForeign: [], ...more };
}

describe('starved, as a cgroup tells', () => {
  const timing = { timeoutMs: 10_000 };
  const baseline = { wallMs: 9_000, ownCores: 2 };

  test.each([
    ['2 + 2', usage(1, 1, { psiFullShare: 0.29 })],
    ['2 + 6', usage(0.45, 1.55, { psiFullShare: 0.58 })],
    ['8 + 6', usage(1, 1, { psiFullShare: 0.46 })],
  ])('is a run that others kept from the processors: %s', (_mixture, measured) => {
    expect(isStarved(measured, timing, 2)).toBe(true);
    expect(isStarved(measured, { ...timing, baseline }, 2)).toBe(true);
  });

  test.each([
    ['8 + 0: it waits for itself', usage(2, 0, { psiFullShare: 0.01, psiSomeShare: 0.98 })],
    ['1 + 0', usage(1, 0, { psiFullShare: 0.01 })],
    ['a hung run among six others: it waits for nothing', usage(0, 2, { psiFullShare: 0.02 })],
  ])('is not %s', (_mixture, measured) => {
    expect(isStarved(measured, timing, 2)).toBe(false);
    expect(isStarved(measured, { ...timing, baseline }, 2)).toBe(false);
  });

  test('is not a run that had its usual pace and took longer all the same', () => {
    const measured = usage(1, 1, { psiFullShare: 0.2 });
    expect(isStarved(measured, { ...timing, baseline: { wallMs: 9_000, ownCores: 1 } }, 2)).toBe(false);
  });
});

describe('starved, where there is no cgroup', () => {
  const timing = { timeoutMs: 10_000 };

  test('is a run that others kept from the processors', () => {
    expect(isStarved(usage(0.6, 1.4), timing, 2)).toBe(true);
    expect(isStarved(usage(0.6, 1.4, { sysPsiShare: 0.5 }), timing, 2)).toBe(true);
  });

  test('is not a run that had the machine for itself, however many processes it started', () => {
    expect(isStarved(usage(2, 0, { sysPsiShare: 0.97 }), timing, 2)).toBe(false);
  });

  test('is not a run that hung: it wanted nothing', () => {
    expect(isStarved(usage(0.01, 1.99, { sysPsiShare: 0.9 }), timing, 2)).toBe(false);
  });

  test('is not a run that shares the machine with another one when there is a core for each', () => {
    expect(isStarved(usage(1, 1, { sysPsiShare: 0.02 }), timing, 2)).toBe(false);
  });

  test('is not a run that got what it usually takes', () => {
    const baseline = { wallMs: 1_000, ownCores: 0.4 };
    expect(isStarved(usage(0.39, 1.6), { ...timing, baseline }, 2)).toBe(false);
    expect(isStarved(usage(0.2, 1.8), { ...timing, baseline }, 2)).toBe(true);
  });
});

describe('the evidence of a timeout', () => {
  test('says in words who used the machine', () => {
    const topForeign = [
      { comm: 'node', pid: 12, cpuMs: 35_240, cookie: 'old-run-0' },
      { comm: 'cc1\x1b[2J', pid: 13, cpuMs: 900 },
    ];
    const measured = usage(0.42, 1.55, { psiFullShare: 0.31, sysPsiShare: 0.8, load1: [9.1, 12], topForeign });
    expect(usageLines(measured, 2)).toEqual([
      'the run used 0.42 of 2 cores, others 1.55; it was stalled 31 % of the time',
      'load 9.1 at the start, 12.0 at the end, something waited for a processor 80 % of the time',
      'process 12 (node) of run old-run-0 used 35.2 s of CPU meanwhile',
      'process 13 (cc1?[2J) used 0.9 s of CPU meanwhile',
    ]);
  });

  test('leaves out what the machine does not tell', () => {
    expect(usageLines(usage(0.5, 1), 2)).toEqual([
      'the run used 0.50 of 2 cores, others 1.00',
      'load 0.0 at the start, 0.0 at the end',
    ]);
  });
});
