import { foldersAbove, madeFiles } from '../../../../src/domain/gates/revert/made-files';

const top = (text: string) => madeFiles([{ folder: '', text }]);

test.each([
  ['*.pb.go linguist-generated', 'api/a.pb.go', true],
  ['*.pb.go linguist-generated=true', 'a.pb.go', true],
  ['*.pb.go linguist-generated=false', 'a.pb.go', false],
  ['*.pb.go -linguist-generated', 'a.pb.go', false],
  ['*.pb.go !linguist-generated', 'a.pb.go', false],
  ['*.pb.go text', 'a.pb.go', false],
  ['# *.pb.go linguist-generated', 'a.pb.go', false],
  ['/vendor/** linguist-vendored', 'vendor/x/y.js', true],
  ['vendor/* linguist-vendored', 'vendor/x/y.js', false],
  ['vendor/* linguist-vendored', 'src/vendor/y.js', false],
  ['**/gen/*.js linguist-generated', 'a/b/gen/y.js', true],
  ['**/gen/*.js linguist-generated', 'gen/y.js', true],
  ['"a b.js" linguist-generated', 'x/a b.js', true],
  ['[ab]?.js linguist-generated', 'a1.js', true],
  ['[!ab]?.js linguist-generated', 'a1.js', false],
  ['a.(js) linguist-generated', 'a.(js)', true],
  ['[z-a].js linguist-generated', 'z.js', false],
  ['*.js linguist-generated\r', 'a.js', true],
])('%s: %s %s', (line, path, isMade) => {
  expect(top(line)(path)).toBe(isMade);
});

test('a deeper file comes before a higher one, and a later line before an earlier one', () => {
  const isMade = madeFiles([
    { folder: 'src/own', text: '*.js -linguist-generated\n' },
    { folder: '', text: '*.js linguist-generated\nkept.js -linguist-generated\n' },
  ]);
  expect(['a.js', 'src/b.js', 'src/own/c.js', 'lib/kept.js'].filter(isMade)).toEqual(['a.js', 'src/b.js']);
});

test('every folder above a file may speak of it', () => {
  expect(foldersAbove('a/b/c.js')).toEqual(['', 'a', 'a/b']);
  expect(foldersAbove('c.js')).toEqual(['']);
});
