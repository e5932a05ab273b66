import { leftWords } from '../../../../src/domain/task/words/followed-words';

test('files that did not follow are named with the reason, which is somebody’s change or what git said', () => {
  expect(leftWords({ left: [] })).toBe('');
  expect(leftWords({ left: ['a', 'b'] })).toBe(
    ', but not a, b, which somebody changed meanwhile; see "git diff" there',
  );
  expect(leftWords({ left: ['a'], fault: 'no space' })).toBe(
    ', but not a, which git could not write (no space); see "git diff" there',
  );
});
