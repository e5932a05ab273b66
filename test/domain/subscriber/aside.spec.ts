import { instant, plusMs } from '../../../src/domain/instant';
import {
  askedAnew,
  asideWaitMs,
  dueAside,
  endedAs,
  GIVE_UP_MS,
  hasRoom,
  isSpent,
  MOST_ASIDE,
  postponed,
  soonerAfterSuccess,
  spreadOf,
  triedInVain,
} from '../../../src/domain/subscriber/aside';
import { begun, handled, RETRY_MOST_MS, returned, taken } from '../../../src/domain/subscriber/standing';
import type { SetAside } from '../../../src/domain/subscriber/subscriber.events';

const NOW = instant(Date.UTC(2026, 0, 1));
const tried = (n: number) => ({ event: { stream: 'task-web.T1', revision: `${n}` }, name: `k${n}`, answer: 'away' });
const asker = (now = NOW, sameForMs = 0) => ({ worker: 'one', now, isDead: () => false, sameForMs });
const standing = (aside: readonly SetAside[]) => ({ ...begun(tried(0).event), aside });

test('each try in vain is followed by a longer pause, which never gets longer than some minutes', () => {
  let entry: SetAside | null = null;
  const waits = Array.from({ length: 8 }, () => {
    entry = triedInVain(entry, tried(1), NOW, 1);
    return asideWaitMs(standing([entry]), asker());
  });
  expect(waits).toEqual([1_000, 4_000, 16_000, 64_000, 256_000, RETRY_MOST_MS, RETRY_MOST_MS, RETRY_MOST_MS]);
  expect(entry).toMatchObject({ tries: 8, since: NOW });
});

test('those who fail together come back apart', () => {
  const spreads = Array.from({ length: 100 }, (_, n) => spreadOf(`worker web.T${n}@3 0`));
  expect(Math.min(...spreads)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...spreads)).toBeLessThanOrEqual(1);
  expect(new Set(spreads.map((spread) => Math.floor(spread * 10))).size).toBe(10);
  expect(asideWaitMs(standing([triedInVain(null, tried(1), NOW, 0)]), asker())).toBe(750);
});

test('who has waited longest is first, and a clock that was set back delays nobody for longer than he was to wait', () => {
  const first = triedInVain(null, tried(1), NOW, 1);
  const second = triedInVain(null, tried(2), plusMs(NOW, 10), 1);
  const both = standing([second, first]);
  expect(dueAside(both, asker())).toEqual([]);
  expect(dueAside(both, asker(plusMs(NOW, 5_000))).map(({ name }) => name)).toEqual(['k1', 'k2']);
  const before = plusMs(NOW, -3 * GIVE_UP_MS);
  expect(dueAside(both, asker(before))).toEqual([]);
  expect(dueAside(both, asker(before, RETRY_MOST_MS))).toHaveLength(2);
  // Taking the lease is a standing of its own, which nobody has seen before.
  const lease = taken(both, 'one', before, dueAside(both, asker(before, RETRY_MOST_MS)));
  expect(dueAside(lease, asker(before))).toHaveLength(2);
});

test('it is given up after a day, and not because a clock was put forward', () => {
  const once = triedInVain(null, tried(1), NOW, 1);
  const often = Array.from({ length: 8 }).reduce<SetAside | null>(
    (known) => triedInVain(known, tried(1), NOW, 1),
    null,
  );
  const nextDay = plusMs(NOW, GIVE_UP_MS);
  expect([isSpent(once, nextDay), isSpent(often as SetAside, NOW), isSpent(often as SetAside, nextDay)]).toEqual([
    false,
    false,
    true,
  ]);
});

test('one that gets through brings the others forward, but none within half a minute of its last try', () => {
  const long = { ...triedInVain(null, tried(1), NOW, 1), tries: 9, dueAt: plusMs(NOW, RETRY_MOST_MS) };
  const short = triedInVain(null, tried(2), NOW, 1);
  const at = plusMs(NOW, 60_000);
  expect(soonerAfterSuccess([long, short], at).map(({ dueAt }) => dueAt)).toEqual([at, short.dueAt]);
  expect(soonerAfterSuccess([long], NOW).map(({ dueAt }) => dueAt)).toEqual([plusMs(NOW, 30_000)]);
});

test('one that fails spares the others for as long as they would wait if they had failed with it', () => {
  const [a, b] = [triedInVain(null, tried(1), NOW, 1), triedInVain(null, tried(2), NOW, 1)];
  const often = { ...triedInVain(null, tried(3), NOW, 1), tries: 4 };
  const later = { ...often, event: tried(4).event, dueAt: plusMs(NOW, RETRY_MOST_MS) };
  const failed = triedInVain(a, tried(1), plusMs(NOW, 2_000), 1);
  expect(postponed([b, often, later, failed], failed).map(({ dueAt }) => dueAt)).toEqual([
    plusMs(NOW, 3_000),
    plusMs(NOW, 66_000),
    later.dueAt,
    failed.dueAt,
  ]);
});

test('there is room for some, and each event of the stream stays small', () => {
  const some = Array.from({ length: MOST_ASIDE }, (_, n) => triedInVain(null, tried(n), NOW, 1));
  expect([hasRoom(standing(some)), hasRoom(standing(some.slice(1))), hasRoom(begun(tried(0).event))]).toEqual([
    false,
    true,
    true,
  ]);
  const long = { ...tried(1), name: '\ud800'.repeat(900), answer: 'x'.repeat(9_000) };
  expect(JSON.stringify(triedInVain(null, long, NOW, 1)).length).toBeLessThan(1_500);
});

test('a person asks for what is dead as if it had never been tried, and for what is aside at once', () => {
  const waiting = triedInVain(null, tried(1), NOW, 1);
  const at = plusMs(NOW, 10);
  expect(askedAnew([waiting], [tried(1), tried(2)], at)).toEqual([
    { ...waiting, dueAt: at },
    { ...tried(2), answer: 'asked for anew', since: at, tries: 0, triedAt: at, dueAt: at },
  ]);
});

test('what is aside stays so whatever else is said, and what has ended is said once', () => {
  const waiting = triedInVain(null, tried(1), NOW, 1);
  const ended = endedAs('delivered', waiting, { ...tried(1), answer: '204' }, NOW);
  expect(ended).toEqual({ ...tried(1), answer: '204', outcome: 'delivered', since: NOW, tries: 2 });
  const after = handled({ after: tried(3).event, done: [], aside: [waiting], ended: [ended] }, 'one', NOW);
  expect(after).toMatchObject({ aside: [waiting], ended: [ended] });
  for (const next of [taken(after, 'two', NOW), returned(after, 'one')]) {
    expect(next).toMatchObject({ aside: [waiting] });
    expect(next).not.toHaveProperty('ended');
  }
  expect(handled({ after: tried(3).event, done: [], aside: [] }, 'one', NOW)).not.toHaveProperty('aside');
});
