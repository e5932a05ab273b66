import { isLinearizable, type Answer, type Call } from './support/linearizable';

/** `append(id, expected, answer, from, to)`: times are small numbers. */
function append(id: string, expected: number, answer: Answer | null, from: number, to: number | null): Call {
  const returnedAt = to === null ? null : BigInt(to);
  return { kind: 'append', expected, ids: [id], answer, invokedAt: BigInt(from), returnedAt };
}

function read(ids: readonly string[], from: number, to: number): Call {
  return { kind: 'read', answer: { ids }, invokedAt: BigInt(from), returnedAt: BigInt(to) };
}

const ok = (revision: number): Answer => ({ kind: 'ok', revision });
const conflict = (actual: number): Answer => ({ kind: 'conflict', actual });

test('one winner, a loser that saw it, and a reader are explained by one order', () => {
  expect(isLinearizable([append('a', -1, ok(0), 0, 9), append('b', -1, conflict(0), 1, 5), read(['a'], 3, 4)])).toBe(
    true,
  );
});

test('two winners of one revision are not', () => {
  expect(isLinearizable([append('a', -1, ok(0), 0, 9), append('b', -1, ok(0), 1, 5)])).toBe(false);
});

test('a reader that misses an append which was acknowledged before it asked is not', () => {
  expect(isLinearizable([append('a', -1, ok(0), 0, 1), read([], 2, 3)])).toBe(false);
  expect(isLinearizable([append('a', -1, ok(0), 0, 2), read([], 1, 3)])).toBe(true);
});

test('readers that see an append come and go are not', () => {
  const pending = append('a', -1, ok(0), 0, 9);
  expect(isLinearizable([pending, read(['a'], 1, 2), read([], 3, 4)])).toBe(false);
});

test('a loser that is told a revision which was passed before it asked is not', () => {
  const calls = [append('a', -1, ok(0), 0, 1), append('b', 0, ok(1), 2, 3)];
  expect(isLinearizable([...calls, append('c', -1, conflict(0), 4, 5)])).toBe(false);
  expect(isLinearizable([...calls, append('c', -1, conflict(0), 1, 5)])).toBe(true);
});

test('a conflict where the append would have been right is not', () => {
  expect(isLinearizable([append('a', -1, conflict(-1), 0, 1)])).toBe(false);
});

test('an append without an answer may be stored or not, but not both', () => {
  const lost = append('a', -1, null, 0, null);
  expect(isLinearizable([lost, read([], 1, 2)])).toBe(true);
  expect(isLinearizable([lost, read([], 1, 2), read(['a'], 3, 4)])).toBe(true);
  expect(isLinearizable([lost, read(['a'], 1, 2), read([], 3, 4)])).toBe(false);
});

test('a repeat of a stored append gets the answer of the first, and a second copy is not explained', () => {
  const first = append('a', -1, ok(0), 0, 1);
  expect(isLinearizable([first, append('a', -1, ok(0), 2, 3), read(['a'], 4, 5)])).toBe(true);
  expect(isLinearizable([first, append('a', -1, ok(0), 2, 3), read(['a', 'a'], 4, 5)])).toBe(false);
});

test('lost updates are found among many calls', () => {
  const calls = Array.from({ length: 60 }, (_, index) =>
    append(`e${index}`, index - 1, ok(index), index * 2, index * 2 + 3),
  );
  expect(isLinearizable(calls)).toBe(true);
  const gone = calls.map(({ answer }, index) => (answer ? `e${index}` : '')).filter((id) => id !== 'e30');
  expect(isLinearizable([...calls, read(gone, 200, 201)])).toBe(false);
});
