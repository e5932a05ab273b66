import fc from 'fast-check';
import { instant, plusMs } from '../../../src/domain/instant';
import { AGEING_STEP_MS, aheadOf, inTurn, nextInLine, placeText, type Waiter } from '../../../src/domain/turn';
import { START } from '../../support/given-when-then';

const STEP = AGEING_STEP_MS;
const HIGHEST = 9;

function candidate(taskId: string, priority: number, waitedMs: number, hasLanded = false): Waiter {
  return { taskId, priority, since: plusMs(START, -waitedMs), hasLanded };
}

function first(...candidates: readonly Waiter[]): string | null {
  return nextInLine(candidates, START)?.taskId ?? null;
}

describe('whose turn it is in the lane', () => {
  test('nobody, when nobody waits', () => {
    expect(first()).toBeNull();
  });

  test('the highest priority; among equals who waited longest; then the name, so that every replica says the same', () => {
    expect(first(candidate('a', 0, 5), candidate('b', 9, 0))).toBe('b');
    expect(first(candidate('a', 5, 1), candidate('b', 5, 2))).toBe('b');
    expect(first(candidate('b', 5, 1), candidate('a', 5, 1))).toBe('a');
  });

  test('ten minutes of waiting weigh as much as one step of priority', () => {
    expect(STEP).toBe(600_000);
    expect(first(candidate('low', 0, STEP - 1), candidate('high', 1, 0))).toBe('high');
    expect(first(candidate('low', 0, STEP), candidate('high', 1, 0))).toBe('low');
  });

  test('who has landed and waits for its deploy goes before whoever has still to land, whatever those weigh', () => {
    const landed = candidate('landed', 0, 0, true);
    expect(first(candidate('urgent', 9, 12 * STEP), landed)).toBe('landed');
    expect(first(landed, candidate('other', 0, 1, true))).toBe('other');
  });

  test('a clock that is behind the others makes nobody wait negative time', () => {
    expect(first(candidate('a', 1, -3 * STEP), candidate('b', 0, 0))).toBe('a');
  });

  test('how many are before a task follows from the same order', () => {
    const any = fc.array(fc.tuple(fc.nat(HIGHEST), fc.nat(12 * STEP), fc.boolean()), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(any, (drawn) => {
        const all = drawn.map((each, index) => candidate(`t${index}`, ...each));
        const line = inTurn(all, START);
        expect(line[0]).toEqual(nextInLine(all, START));
        expect(line.map((one) => aheadOf(one, all, START))).toEqual(line.map((_, index) => index));
      }),
    );
    expect([0, 2, 9, 10].map(placeText)).toEqual(['first', 'third', 'tenth', 'number 11'].map((n) => `${n} in line`));
  });

  test('does not depend on the order in which they are listed', () => {
    const any = fc.array(fc.tuple(fc.nat(HIGHEST), fc.nat(12 * STEP)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(any, fc.nat(), (drawn, turn) => {
        const all = drawn.map(([priority, waitedMs], index) => candidate(`t${index}`, priority, waitedMs));
        const rotated = [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)].reverse();
        expect(first(...rotated)).toBe(first(...all));
      }),
    );
  });
});

describe('nobody starves', () => {
  /** When each of them begins to want the lane, how urgent it is, and how long it then holds the lane. */
  const arrival = fc.record({
    atMs: fc.nat(2 * HIGHEST * STEP),
    priority: fc.nat(HIGHEST),
    holdsMs: fc.integer({ min: 1, max: 3 * STEP }),
  });

  test('a task of priority p is passed over only by tasks that came less than 9 - p steps after it, whatever arrives', () => {
    let overtakings = 0;
    fc.assert(
      fc.property(fc.array(arrival, { minLength: 20, maxLength: 40 }), (arrivals) => {
        const leads = overtaken(served(arrivals));
        overtakings += leads.length;
        expect(leads.filter(({ leadMs, passed }) => leadMs >= (HIGHEST - passed.priority) * STEP)).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(overtakings).toBeGreaterThan(1_000);
  });

  test('even under a storm of the highest priority the lowest gets the lane after 9 steps and one turn', () => {
    const storm = Array.from({ length: 400 }, (_, index) => ({
      atMs: 1 + index * (STEP / 3),
      priority: HIGHEST,
      holdsMs: STEP / 2,
    }));
    const order = served([
      { atMs: 0, priority: 0, holdsMs: 1 },
      { atMs: 0, priority: HIGHEST, holdsMs: STEP },
      ...storm,
    ]);
    const turn = order.findIndex(({ priority }) => priority === 0);
    const holdersBefore = order.slice(0, turn).filter(({ since }) => since > (order[turn]?.since ?? ''));
    expect(holdersBefore.length).toBeGreaterThan(5);
    expect(holdersBefore.length).toBeLessThanOrEqual(9 * 3);
  });
});

/** Everybody who saw a later one served before him, and how much later that one had come. */
function overtaken(order: readonly Waiter[]): { passed: Waiter; leadMs: number }[] {
  return order.flatMap((passed, turn) =>
    order
      .slice(0, turn)
      .map((earlier) => ({ passed, leadMs: Date.parse(earlier.since) - Date.parse(passed.since) }))
      .filter(({ leadMs }) => leadMs > 0),
  );
}

/** Who got the lane, in which order, when everybody keeps it for a while and the next one is chosen by the rule. */
function served(arrivals: readonly { atMs: number; priority: number; holdsMs: number }[]): readonly Waiter[] {
  const waiting = arrivals.map(({ atMs, priority, holdsMs }, index) => ({
    taskId: `t${String(index).padStart(3, '0')}`,
    priority,
    since: instant(atMs),
    hasLanded: false,
    atMs,
    holdsMs,
  }));
  const order: Waiter[] = [];
  let nowMs = 0;
  while (waiting.length > 0) {
    nowMs = Math.max(nowMs, Math.min(...waiting.map(({ atMs }) => atMs)));
    const here = waiting.filter(({ atMs }) => atMs <= nowMs);
    const turn = nextInLine(here, instant(nowMs));
    const next = here.find(({ taskId }) => taskId === turn?.taskId);
    if (!next) throw new Error('nobody is next although somebody waits');
    waiting.splice(waiting.indexOf(next), 1);
    order.push(next);
    nowMs += next.holdsMs;
  }
  return order;
}
