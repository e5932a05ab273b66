import { emptyFolderWords } from '../../../../src/domain/task/words/folder-words';

test('one folder, several, and more than are named', () => {
  expect(emptyFolderWords(undefined)).toEqual([]);
  expect(emptyFolderWords({ count: 0, paths: [] })).toEqual([]);
  expect(emptyFolderWords({ count: 1, paths: ['lib'] })).toEqual([
    'the folder of a submodule was empty: lib; allow its source if the suite needs it',
  ]);
  expect(emptyFolderWords({ count: 12, paths: ['a', 'b\nc'] })).toEqual([
    'the folders of 12 submodules were empty: a, b c, and 10 more; allow their sources if the suite needs them',
  ]);
});
