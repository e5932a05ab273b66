import type { Position, StoredEvent } from '../../../src/application/ports/event-store';
import { partAfter, type LogPage } from '../../../src/projections/following/log-page';

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

/** Events of other streams stand at its end. */
const PAGE: LogPage = { after: at(1), events: [event(3), event(5)], next: at(8) };

test('all of a page lies behind the place where it begins', () => {
  expect(partAfter(at(1), PAGE)).toEqual({ events: [event(3), event(5)], next: at(8), end: true });
});

test('whoever has come further gets the rest of it', () => {
  expect(partAfter(at(3), PAGE)).toEqual({ events: [event(5)], next: at(8), end: true });
  expect(partAfter(at(6), PAGE)).toEqual({ events: [], next: at(8), end: true });
});

test('whoever has come further than all of it stays there', () => {
  expect(partAfter(at(9), PAGE)).toEqual({ events: [], next: at(9), end: true });
});

test('before its beginning the store has to be read', () => {
  expect(partAfter('start', PAGE)).toBeNull();
  expect(partAfter(at(0), PAGE)).toBeNull();
});
