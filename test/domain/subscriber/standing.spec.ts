import { instant, plusMs } from '../../../src/domain/instant';
import {
  begun,
  failed,
  HANDLE_MS,
  handled,
  holdsLease,
  LEASE_MS,
  RETRY_MOST_MS,
  returned,
  taken,
  waitMs,
} from '../../../src/domain/subscriber/standing';

const NOW = instant(Date.UTC(2026, 0, 1));
const AFTER = { stream: 'task-web.T1', revision: '4' };
const start = begun({ stream: 'subscriber-x', revision: '0' });
const asker = (worker: string, more: object = {}) => ({
  worker,
  now: NOW,
  isDead: () => false,
  sameForMs: 0,
  ...more,
});

test('a lease keeps others away until it ends, and its holder not at all', () => {
  const held = taken(start, 'one', NOW);
  expect(waitMs(held, asker('one'))).toBe(0);
  expect(waitMs(held, asker('two'))).toBe(LEASE_MS);
  expect(waitMs(held, asker('two', { now: plusMs(NOW, LEASE_MS) }))).toBe(0);
  expect(waitMs(held, asker('two', { isDead: (worker: string) => worker === 'one' }))).toBe(0);
});

test('a lease keeps others away from what is tried again, too', () => {
  const failedOnce = failed(start, { after: start.after, done: [] }, 'away', NOW);
  const now = plusMs(NOW, 500);
  const held = taken(failedOnce, 'one', now);
  expect(waitMs(held, asker('one', { now }))).toBe(0);
  expect(waitMs(held, asker('two', { now }))).toBe(LEASE_MS);
  expect(waitMs(held, asker('two', { now, isDead: (worker: string) => worker === 'one' }))).toBe(0);
});

test('a clock that is wrong keeps nobody away for longer than a lease lasts', () => {
  const held = taken(start, 'one', plusMs(NOW, 10 * LEASE_MS));
  expect(waitMs(held, asker('two'))).toBe(LEASE_MS);
  expect(waitMs(held, asker('two', { sameForMs: LEASE_MS }))).toBe(0);
});

test('a pause that is over by the clock that nobody sets is over for whoever takes the batch then', () => {
  const earlier = plusMs(NOW, -3 * 60 * 60_000);
  const stuck = failed(start, { after: start.after, done: [] }, 'down', NOW);
  expect(waitMs(stuck, asker('one', { now: earlier, sameForMs: RETRY_MOST_MS }))).toBe(0);
  // Taking it is a standing of its own, which nobody has seen before.
  expect(waitMs(taken(stuck, 'one', earlier), asker('one', { now: earlier }))).toBe(0);
});

test('a lease is good for a batch as long as one may take', () => {
  const held = taken(start, 'one', NOW);
  const leftMs = (ms: number) => plusMs(NOW, LEASE_MS - ms);
  expect(holdsLease(held, 'one', leftMs(HANDLE_MS + 1))).toBe(true);
  expect(holdsLease(held, 'one', leftMs(HANDLE_MS))).toBe(false);
  expect(holdsLease(held, 'two', NOW)).toBe(false);
  expect(holdsLease(start, 'one', NOW)).toBe(false);
});

test('what is handled is done with, and trouble is over', () => {
  const trouble = failed(start, { after: start.after, done: [] }, 'away', NOW);
  expect(handled({ after: AFTER, done: ['k'] }, 'one', NOW)).toEqual({
    after: AFTER,
    lease: { worker: 'one', until: plusMs(NOW, LEASE_MS) },
    trouble: null,
    done: ['k'],
  });
  expect(handled({ after: AFTER, done: [] }, null, NOW).lease).toBeNull();
  expect(waitMs(trouble, asker('two'))).toBeGreaterThan(0);
});

test('whoever it is waits longer before each retry, and never for more than some minutes', () => {
  let standing = start;
  const waits = Array.from({ length: 40 }, () => {
    standing = failed(standing, { after: standing.after, done: [] }, 'away', NOW);
    return waitMs(standing, asker('two'));
  });
  expect(waits.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
  expect(Math.max(...waits)).toBe(RETRY_MOST_MS);
  expect(standing).toMatchObject({ lease: null, trouble: { tries: 40, since: NOW } });
});

test.each([[['k']], [[]]])(
  'a batch that has got on a bit begins to count anew, whether or not it says so: %j',
  (done) => {
    const first = failed(start, { after: start.after, done: [] }, 'away', NOW);
    const later = plusMs(NOW, 5_000);
    expect(failed(first, { after: AFTER, done }, 'away', later)).toMatchObject({
      after: AFTER,
      trouble: { tries: 1, since: later },
      done,
    });
  },
);

test('only its holder gives a lease back, and keeps what is not done', () => {
  const held = taken(begun(AFTER), 'one', NOW);
  expect(returned(held, 'one')).toEqual({ after: AFTER, lease: null, trouble: null, done: [] });
  expect(returned(held, 'two')).toBeNull();
  expect(returned(start, 'one')).toBeNull();
});

test('what a handler says is made storable', () => {
  const { trouble, done } = failed(start, { after: AFTER, done: ['a\0b'] }, `\ud800${'x'.repeat(10_000)}`, NOW);
  expect(done).toEqual(['a\u2400b']);
  expect(trouble?.error.length).toBeLessThanOrEqual(500);
  expect(trouble?.error.isWellFormed()).toBe(true);
});
