import { RevertBed, TEN } from './revert-bed';

jest.setTimeout(60_000);

let bed: RevertBed;
beforeEach(() => {
  bed = new RevertBed();
  bed.main({ 'a.js': TEN, 'b.js': TEN });
});
afterEach(() => {
  bed.dispose();
});

const FIXED = TEN.replace('five', 'fixed');

test('a branch on another one may name what that one was before it landed', async () => {
  bed.git(['switch', '--quiet', '-C', 'below', 'main']);
  bed.put({ 'a.js': FIXED }, 'Below');
  const below = bed.oid('below');
  bed.git(['switch', '--quiet', '-C', 'above', 'below']);
  bed.git(['revert', '--no-edit', below]);
  bed.put({ 'own.js': 'own\n' }, 'Above');
  bed.main({ 'other.js': 'more\n' });
  bed.git(['cherry-pick', below]);
  const landed = bed.oid('main');
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  bed.git(['cherry-pick', 'above~1', 'above']);
  expect(await bed.found({ head: 'above' })).toMatchObject({
    silent: [],
    explicit: [{ commit: landed, by: 'trailer' }],
  });
});

test('a pick on main that says what it was picked from is reverted by either name', async () => {
  bed.git(['switch', '--quiet', '-C', 'release', 'main']);
  bed.put({ 'a.js': FIXED }, 'Fix');
  const fix = bed.oid('release');
  bed.main({ 'other.js': 'more\n' });
  bed.git(['cherry-pick', '-x', fix]);
  const landed = bed.oid('main');
  bed.branch({ 'a.js': TEN }, { message: `Revert "Fix"\n\nThis reverts commit ${fix}.` });
  expect(await bed.found()).toMatchObject({ silent: [], explicit: [{ commit: landed, by: 'trailer' }] });
});

test('what a merge takes back is no revert of the commit beside it', async () => {
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  bed.put({ 'b.js': FIXED }, 'My work');
  bed.main({ 'b.js': FIXED }, 'The same work');
  bed.main({ 'a.js': FIXED }, 'Fix');
  bed.git(['switch', '--quiet', 'feature']);
  bed.git(['merge', '--quiet', '--no-edit', '-s', 'ours', 'main']);
  expect(await bed.found()).toMatchObject({ rules: ['old-content a.js'], subjects: ['Fix'], explicit: [] });
});

test('a revert without a word is still one when main was merged behind it', async () => {
  bed.main({ 'a.js': FIXED }, 'Fix');
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  bed.put({ 'a.js': TEN }, 'No words');
  bed.main({ 'other.js': 'more\n' });
  bed.git(['switch', '--quiet', 'feature']);
  bed.git(['merge', '--quiet', '--no-edit', 'main']);
  expect(await bed.found()).toMatchObject({ silent: [], explicit: [{ by: 'inverse' }] });
});

test('a fix that goes while its file is moved is all of its commit, and found by either name', async () => {
  const long = TEN.repeat(3);
  bed.main({ 'a.js': long });
  bed.main({ 'a.js': long.replace('five', 'fixed') }, 'Fix');
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  bed.git(['mv', 'a.js', 'lib.js']);
  bed.put({ 'lib.js': long.replace(/nine\nten\n$/, '9\n10\n') }, 'Move');
  expect(await bed.found()).toMatchObject({
    rules: ['lost-lines lib.js'],
    subjects: ['Fix'],
    silent: [{ mainPath: 'a.js' }],
  });
});

test('a file that is moved among generated ones is none by that', async () => {
  bed.main({ '.gitattributes': 'dist/* linguist-generated\n', 'dist/c.js': TEN });
  bed.main({ 'a.js': FIXED, 'dist/c.js': FIXED }, 'Fix');
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  bed.git(['mv', 'a.js', 'dist/a.js']);
  bed.put({ 'dist/a.js': TEN, 'dist/c.js': TEN, 'own.js': 'own\n' }, 'Move');
  expect(await bed.found()).toMatchObject({ silent: [{ path: 'dist/a.js', mainPath: 'a.js' }], made: ['dist/c.js'] });
});

test('a folder with the name of attributes hides none that lie deeper', async () => {
  bed.main({ '.gitattributes/note': 'one\ntwo\n', 'dist/.gitattributes': '* linguist-generated\n', 'dist/c.js': TEN });
  bed.main({ 'dist/c.js': FIXED }, 'Fix');
  bed.branch({ 'dist/c.js': TEN });
  expect(await bed.found()).toMatchObject({ silent: [], made: ['dist/c.js'] });
});
