import { availableParallelism } from 'node:os';
import type { Usage } from '../../../src/application/ports/process-runner';
import { isStarved } from '../../../src/infrastructure/processes/starvation';
import { ProcessYard } from '../../support/process-yard';

const BUSY = 'while :; do :; done';

describe('what is known about a run', () => {
  const yard = new ProcessYard();
  afterAll(() => {
    yard.close();
  });

  test('processes that used the machine meanwhile are named, with the run that they belong to', async () => {
    const hog = yard.run(`touch hog; ${BUSY}`, { cookie: 'old-run-0', timeoutMs: 6_000, graceMs: 100 });
    await yard.saw('hog');
    const run = await yard.run('sleep 60', { timeoutMs: 3_000, graceMs: 100 });
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

describe('starved', () => {
  const cores = availableParallelism();
  const usage = (ownCores: number, foreignCores: number): Usage => ({
    cpuUserMs: 0,
    cpuSysMs: 0,
    source: 'sampled',
    load1: [0, 0],
    ownCores,
    machineBusyCores: ownCores + foreignCores,
    topForeign: [],
  });

  test('is a run that others kept from the processors', () => {
    expect(isStarved(usage(0.3 * cores, 0.7 * cores), undefined)).toBe(true);
  });

  test('is not a run that had the machine for itself, however many processes it started', () => {
    expect(isStarved(usage(cores, 0), undefined)).toBe(false);
  });

  test('is not a run that hung: it wanted nothing', () => {
    expect(isStarved(usage(0, cores), undefined)).toBe(false);
  });

  test('is not a run that got what it usually takes', () => {
    const baseline = { wallMs: 1_000, ownCores: 0.4 };
    expect(isStarved(usage(0.39, cores - 0.4), baseline)).toBe(false);
    expect(isStarved(usage(0.2, cores - 0.2), baseline)).toBe(true);
  });
});
