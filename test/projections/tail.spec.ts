import type { Position, StoredEvent } from '../../src/application/ports/event-store';
import { Tail } from '../../src/projections/tail';

function at(commit: number): Position {
  return { commit: BigInt(commit), prepare: BigInt(commit) };
}

function event(commit: number): StoredEvent {
  const position = at(commit);
  return {
    id: `e${commit}`,
    type: 'T',
    data: {},
    meta: {},
    stream: 's',
    revision: 0n,
    position,
    recordedAt: new Date(0),
  };
}

function tailOf(after: number, ...commits: readonly number[]): Tail {
  const tail = new Tail(at(after));
  for (const commit of commits) tail.add(event(commit));
  return tail;
}

function ids(page: { readonly events: readonly StoredEvent[] } | null): readonly string[] | undefined {
  return page?.events.map(({ id }) => id);
}

test('what a subscription brought is a page of the log', () => {
  const tail = tailOf(1, 3, 5);
  expect(tail.pageAfter(at(1), 9)).toEqual({ events: [event(3), event(5)], next: at(5), end: true });
});

test('a page may be a part of it, and begin anywhere in it', () => {
  const tail = tailOf(1, 3, 5, 7);
  expect(tail.pageAfter(at(3), 1)).toEqual({ events: [event(5)], next: at(5), end: false });
  expect(ids(tail.pageAfter(at(5), 9))).toEqual(['e7']);
});

test('before where it begins, or what has been taken, the store has to be read', () => {
  const tail = tailOf(3, 5, 7);
  expect(tail.pageAfter('start', 9)).toBeNull();
  expect(tail.pageAfter(at(2), 9)).toBeNull();
  tail.pageAfter(at(5), 9);
  expect(tail.pageAfter(at(3), 9)).toBeNull();
});

test('places without events count, and somebody else may have come further', () => {
  const tail = tailOf(1, 3);
  tail.reached(at(8));
  expect(tail.pageAfter(at(1), 9)?.next).toEqual(at(8));
  expect(tail.pageAfter(at(9), 9)).toEqual({ events: [], next: at(9), end: true });
  tail.add(event(9));
  tail.add(event(10));
  expect(ids(tail.pageAfter(at(9), 9))).toEqual(['e10']);
});

test('an event that is brought twice is there once', () => {
  expect(ids(tailOf(1, 3, 5, 3, 5, 6).pageAfter(at(1), 9))).toEqual(['e3', 'e5', 'e6']);
});

test('it holds no more than is reasonable: what nobody takes is read from the store later', () => {
  const tail = tailOf(0, ...Array.from({ length: 5_001 }, (_, index) => index + 1));
  expect(tail.pageAfter(at(4_999), 9)).toBeNull();
  expect(ids(tail.pageAfter(at(5_000), 9))).toEqual(['e5001']);
});
