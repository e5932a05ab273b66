import type { RevertGround } from '../../../../src/domain/gates/revert/landed-changes';
import { undoneChanges } from '../../../../src/domain/gates/revert/undone-changes';

const side = (oid: string) => ({ path: 'a.txt', mode: '100644', oid });
const FULL = 'a'.repeat(40);

/** main has filled a file, and the candidate has it again as it was. */
function ground(before: string): RevertGround {
  const filled = { before: side(before), after: side(FULL), hunks: null };
  const emptied = { before: side(FULL), after: side(before), hunks: null };
  const landed = {
    oid: 'c'.repeat(40),
    merged: [],
    isRoot: false,
    author: 'ann',
    at: '',
    message: 'Fill it',
    changes: [filled],
  };
  return {
    changes: [emptied],
    commits: [],
    landed: [landed],
    sinceFork: null,
    only: null,
    seen: new Map(),
    positions: new Map(),
    fileCounts: new Map(),
    isMade: () => false,
  };
}

it.each([
  ['SHA-1', 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'],
  ['SHA-256', '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813'],
])('a file that is empty again, as all empty files are, brings nothing back (%s)', (_format, oid) => {
  expect(undoneChanges(ground(oid))).toEqual([]);
});

it('any other content that main had does', () => {
  expect(undoneChanges(ground('b'.repeat(40)))).toMatchObject([{ rule: 'old-content', path: 'a.txt' }]);
});
