import fc from 'fast-check';
import { Slots } from '../../src/application/conductor/slots';
import { instant } from '../../src/domain/instant';
import { forEveryJob } from '../../src/domain/task/job-table';
import { AGEING_STEP_MS, aheadOf, type Waiter } from '../../src/domain/turn';

const STEP = AGEING_STEP_MS;
const HIGHEST = 9;
const KIND = 'staging-suite';
const NOW = instant(0);

const waiter = (taskId: string, priority: number, atMs = 0): Waiter => ({
  taskId,
  priority,
  since: instant(atMs),
  hasLanded: false,
});
const slots = (limit: number) => new Slots(forEveryJob(() => limit));

describe('slots', () => {
  test('go to whoever is first in line, not to whoever asks first', () => {
    const one = slots(1);
    expect(one.take(KIND, waiter('w.A', 5), NOW)).toBe(true);
    expect(one.take(KIND, waiter('w.B', 1), NOW)).toBe(false);
    expect(one.take(KIND, waiter('w.C', 9), NOW)).toBe(false);
    expect(Object.fromEntries(one.places(NOW))).toEqual({ 'w.C': 0, 'w.B': 1 });
    one.give(KIND);
    expect(one.next(KIND, NOW)).toEqual(['w.C']);
    expect(one.take(KIND, waiter('w.B', 1), NOW)).toBe(false);
    expect(one.take(KIND, waiter('w.C', 9), NOW)).toBe(true);
  });

  test('are not kept for a task that has no use for one any more', () => {
    const one = slots(1);
    one.take(KIND, waiter('w.A', 5), NOW);
    one.take(KIND, waiter('w.C', 9), NOW);
    one.take(KIND, waiter('w.B', 1), NOW);
    one.give(KIND);
    expect(one.leave('w.C')).toBe(KIND);
    expect(one.leave('w.C')).toBeNull();
    expect(one.next(KIND, NOW)).toEqual(['w.B']);
    expect(one.take(KIND, waiter('w.B', 1), NOW)).toBe(true);
  });

  test('a task stands in one line at a time', () => {
    const one = slots(1);
    one.take(KIND, waiter('w.A', 5), NOW);
    one.take('merge-gate', waiter('w.A', 5), NOW);
    one.take(KIND, waiter('w.B', 5), NOW);
    one.take('merge-gate', waiter('w.B', 5), NOW);
    one.give(KIND);
    expect(one.next(KIND, NOW)).toEqual([]);
    one.give('merge-gate');
    expect(one.next('merge-gate', NOW)).toEqual(['w.B']);
  });

  test('waiting weighs as much as priority, as in the lane', () => {
    const one = slots(1);
    one.take(KIND, waiter('w.A', 5), NOW);
    one.take(KIND, waiter('w.B', 0), NOW);
    one.give(KIND);
    const later = instant(9 * STEP);
    expect(one.take(KIND, waiter('w.C', 9, 9 * STEP), later)).toBe(false);
    expect(one.next(KIND, later)).toEqual(['w.B']);
  });
});

interface Arrival {
  readonly atMs: number;
  readonly priority: number;
  readonly takesMs: number;
}
type Served = Arrival & { readonly taskId: string; readonly startedMs: number };

describe('the bound of docs/concepts.md, for k slots and jobs of at most D; the lane is one slot', () => {
  const D = 2 * STEP;
  const arrival = fc.record({
    atMs: fc.nat(6 * STEP),
    priority: fc.nat(HIGHEST),
    takesMs: fc.integer({ min: 1, max: D }),
  });

  test('a task that n others may be served before starts within (n / k + 1) D of asking', () => {
    let waits = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(arrival, { minLength: 10, maxLength: 50 }),
        (k, arrivals) => {
          const all = serve(arrivals, k);
          expect(all).toHaveLength(arrivals.length);
          for (const one of all) {
            const n = all.filter((other) => other !== one && mayPass(other, one)).length;
            const waitedMs = one.startedMs - one.atMs;
            if (waitedMs > 0) waits += 1;
            expect(waitedMs).toBeLessThanOrEqual((n / k + 1) * D);
          }
        },
      ),
      { numRuns: 200 },
    );
    expect(waits).toBeGreaterThan(1_000);
  });

  test('nothing starts while somebody who came earlier is before it in the order of turns', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(arrival, { minLength: 10, maxLength: 50 }),
        (k, arrivals) => {
          const all = serve(arrivals, k);
          for (const one of all) {
            const now = one.startedMs;
            const left = all.filter(({ atMs, startedMs }) => atMs < now && startedMs > now).map(asWaiter);
            expect(aheadOf(asWaiter(one), left, instant(now))).toBe(0);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** Whether the other one waits already, or comes soon enough to be served first. */
function mayPass(other: Served, one: Served): boolean {
  if (other.startedMs <= one.atMs) return false;
  return other.atMs <= one.atMs || other.atMs - one.atMs < (HIGHEST - one.priority) * STEP;
}

function asWaiter({ taskId, priority, atMs }: Served): Waiter {
  return waiter(taskId, priority, atMs);
}

/** By the slots of the product, in virtual time: everybody asks on arrival, and whoever is next when a slot is given back. */
function serve(arrivals: readonly Arrival[], k: number): readonly Served[] {
  const pool = slots(k);
  const byId = new Map(arrivals.map((each, index) => [`w.${String(index).padStart(3, '0')}`, each]));
  const happening = [...byId].map(([taskId, { atMs }]) => ({ atMs, taskId, is: 'arrives' }));
  const served: Served[] = [];
  const ask = (taskId: string, nowMs: number) => {
    const each = byId.get(taskId);
    if (!each || !pool.take(KIND, waiter(taskId, each.priority, each.atMs), instant(nowMs))) return;
    served.push({ ...each, taskId, startedMs: nowMs });
    happening.push({ atMs: nowMs + each.takesMs, taskId, is: 'ends' });
  };
  while (happening.length > 0) {
    // Those who come at a moment are there before anybody is chosen at it.
    happening.sort((a, b) => a.atMs - b.atMs || (a.is === b.is ? 0 : a.is === 'ends' ? 1 : -1));
    const next = happening.shift();
    if (!next) break;
    if (next.is === 'ends') pool.give(KIND);
    else ask(next.taskId, next.atMs);
    for (const taskId of pool.next(KIND, instant(next.atMs))) ask(taskId, next.atMs);
  }
  return served;
}
