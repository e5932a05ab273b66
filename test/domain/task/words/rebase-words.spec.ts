import { rebaseSentences } from '../../../../src/domain/task/words/rebase-words';

const listOf = (...subjects: string[]) => ({
  count: subjects.length,
  commits: subjects.slice(0, 2).map((subject, index) => ({ oid: String(index).repeat(40), subject })),
});

test('nothing is said of a rebase that copied everything', () => {
  expect(rebaseSentences()).toEqual([]);
  expect(rebaseSentences({})).toEqual([]);
});

test('what is left out, stays out and comes back is said in a sentence each, with what is not named counted', () => {
  expect(
    rebaseSentences({
      skipped: listOf('Add a', 'Add\u001b[2J b', 'Add c'),
      undone: listOf('Add a'),
      returning: listOf('R', 'S'),
    }),
  ).toEqual([
    'left out 3 commits, 0000000000 (Add a), 1111111111 (Add b), and 1 more; main has had them by other commits',
    'main has since undone 1 commit, 0000000000 (Add a); to bring it back, revert on the branch what undid it',
    'brings back 2 commits, 0000000000 (R), 1111111111 (S), though main has undone them',
  ]);
});
