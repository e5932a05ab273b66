import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitError } from '../../../../src/application/ports/git-workspace';
import { Git } from '../../../../src/infrastructure/git/command/git-command';
import { silentReverts } from '../../../../src/infrastructure/git/reverts/silent-reverts';
import { RevertBed, TEN } from './revert-bed';

jest.setTimeout(60_000);

let bed: RevertBed;
beforeEach(() => {
  bed = new RevertBed();
});
afterEach(() => {
  bed.dispose();
});

test('the hole that was seen: a head reset softly onto main lands an old file over a fix', async () => {
  bed.main({ 'a.js': TEN });
  bed.main({ 'a.js': TEN.replace('five', 'fixed') }, 'Fix the fifth line');
  bed.branch({ 'a.js': TEN });
  const { silent, landed, scope } = await bed.found();
  expect(silent).toEqual([
    {
      rule: 'old-content',
      path: 'a.js',
      mainPath: 'a.js',
      commits: [landed[0]?.oid],
      lines: ['-fixed', '+five'],
      isWeak: false,
    },
  ]);
  expect(landed[0]?.message).toBe('Fix the fifth line\n');
  expect(scope).toMatchObject({ reachesFork: true, filesWithoutLines: 0 });
});

test('edits that go on from what has landed undo nothing', async () => {
  bed.main({ 'a.js': TEN });
  bed.main({ 'a.js': TEN.replace('five\n', 'fixed\nand tested\n') });
  bed.branch({ 'a.js': TEN.replace('five\n', 'fixed by others\nand tested\nand told\n') });
  expect((await bed.found()).rules).toEqual([]);
});

test('new formats on main, and the old format again, undo nothing', async () => {
  bed.main({ 'a.js': TEN });
  bed.main({ 'a.js': TEN.replaceAll('\n', '\n  ') });
  bed.branch({ 'a.js': TEN });
  expect((await bed.found()).rules).toEqual([]);
});

test('of a fix and a new format the fix is named', async () => {
  bed.main({ 'a.js': TEN });
  bed.main({ 'a.js': TEN.replace('five', 'fixed') }, 'Fix');
  bed.main({ 'a.js': TEN.replace('five', 'fixed').replaceAll('\n', '\n  ') }, 'Format');
  bed.branch({ 'a.js': TEN });
  expect(await bed.found()).toMatchObject({ rules: ['old-content a.js'], subjects: ['Fix'] });
});

test('code that is moved to another file is not lost', async () => {
  bed.main({ 'a.js': TEN, 'b.js': 'begin\n' });
  bed.main({ 'a.js': TEN.replace('five\n', 'five\nalpha\nbeta\ngamma\n') });
  bed.branch({ 'a.js': TEN, 'b.js': 'begin\nalpha\nbeta\ngamma\n' });
  // The whole content of the file is as before: that its lines stand elsewhere now does not make it another content.
  expect((await bed.found()).rules).toEqual(['old-content a.js']);
  bed.branch({ 'a.js': TEN.replace('nine', 'new'), 'b.js': 'begin\nalpha\nbeta\ngamma\n' });
  expect((await bed.found()).rules).toEqual([]);
});

test('a revert that names its commit is allowed and shown, and so is one of a revert', async () => {
  bed.main({ 'a.js': TEN });
  bed.main({ 'a.js': TEN.replace('five', 'fixed') }, 'Fix');
  const fix = bed.git(['rev-parse', 'main']).trim();
  bed.branch({ 'a.js': TEN }, { message: `Revert "Fix"\n\nThis reverts commit ${fix}.` });
  expect(await bed.found()).toMatchObject({ silent: [], explicit: [{ commit: fix, by: 'trailer' }] });
  bed.git(['switch', '--quiet', 'main']);
  bed.git(['revert', '--no-edit', fix]);
  const revert = bed.git(['rev-parse', 'main']).trim();
  bed.branch(
    { 'a.js': TEN.replace('five', 'fixed') },
    { message: `Reapply "Fix"\n\nThis reverts commit ${revert.slice(0, 9)}.` },
  );
  expect(await bed.found()).toMatchObject({ silent: [], explicit: [{ commit: revert, by: 'trailer' }] });
  bed.branch({ 'a.js': TEN.replace('five', 'fixed') }, { message: `Reapply\n\nThis reverts commit ${fix}.` });
  expect((await bed.found()).rules).toEqual(['old-content a.js']);
});

test('one commit backwards and nothing else is a revert, with or without words', async () => {
  bed.main({ 'a.js': TEN, 'b.js': TEN });
  bed.main({ 'a.js': TEN.replace('five', 'fixed'), 'b.js': TEN.replace('two', '2') }, 'Fix');
  bed.main({ 'a.js': TEN.replace('five', 'fixed').replace('nine', '9') }, 'Edit');
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  bed.put({ 'a.js': TEN.replace('nine', '9'), 'b.js': TEN }, 'No words');
  expect(await bed.found()).toMatchObject({ silent: [], explicit: [{ by: 'inverse' }] });
  bed.put({ 'own.js': 'own\n' }, 'More');
  expect(await bed.found()).toMatchObject({
    rules: ['whole-landing a.js', 'whole-landing b.js'],
    subjects: ['Fix'],
    explicit: [],
  });
});

test('binary files and files beyond what anybody reads count by their content', async () => {
  const huge = 'a line that is repeated\n'.repeat(60_000);
  bed.main({ 'a.bin': '\0one', 'huge.txt': huge });
  bed.main({ 'a.bin': '\0two', 'huge.txt': `${huge}more\n` }, 'Fix');
  bed.branch({ 'a.bin': '\0one', 'huge.txt': huge });
  expect(await bed.found()).toMatchObject({
    rules: ['whole-landing a.bin', 'whole-landing huge.txt'],
    subjects: ['Fix'],
  });
  bed.branch({ 'a.bin': '\0three', 'huge.txt': `${huge}other\n` });
  expect((await bed.found()).rules).toEqual([]);
});

test('main says which files are generated or vendored, and a branch does not', async () => {
  const files = { 'dist/a.js': TEN, 'vendor/b.js': TEN, 'c.js': TEN };
  const fixed = Object.fromEntries(Object.keys(files).map((path) => [path, TEN.replace('five', 'fixed')]));
  const attributes = 'dist/** linguist-generated\n/vendor/* linguist-vendored=true\n';
  bed.main({ ...files, '.gitattributes': attributes });
  bed.main(fixed, 'Fix');
  bed.branch({ ...files, '.gitattributes': `${attributes}*.js linguist-generated\n` });
  expect(await bed.found()).toMatchObject({ rules: ['whole-landing c.js'], made: ['dist/a.js', 'vendor/b.js'] });
});

test('of lock files only the whole content counts', async () => {
  bed.main({ 'package-lock.json': TEN });
  bed.main({ 'package-lock.json': TEN.replace('five\nsix', 'v\nvi') });
  bed.branch({ 'package-lock.json': TEN.replace('nine', '9') });
  expect((await bed.found()).rules).toEqual([]);
  bed.branch({ 'package-lock.json': TEN });
  expect((await bed.found()).rules).toEqual(['old-content package-lock.json']);
});

test('links and submodules count by what they point to', async () => {
  const [one, two] = ['1'.repeat(40), '2'.repeat(40)];
  const pointer = (oid: string) => ['update-index', '--add', '--cacheinfo', `160000,${oid},lib`];
  const link = (to: string) => {
    rmSync(join(bed.work, 'link'), { force: true });
    symlinkSync(to, join(bed.work, 'link'));
    bed.git(['add', 'link']);
  };
  bed.main({ 'a.js': TEN });
  link('old');
  bed.git(pointer(one));
  bed.record('Begin');
  link('new');
  bed.git(pointer(two));
  bed.record('Update');
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  bed.git(pointer(one));
  link('old');
  writeFileSync(join(bed.work, 'own.js'), 'own\n');
  bed.git(['add', 'own.js']);
  bed.record('My work');
  expect(await bed.found()).toMatchObject({ rules: ['whole-landing lib', 'whole-landing link'], subjects: ['Update'] });
});

test('modes and names that are as before are found, and other ones are not', async () => {
  const mode = (bits: number) => {
    chmodSync(join(bed.work, 'run.sh'), bits);
    bed.git(['add', 'run.sh']);
  };
  bed.main({ 'run.sh': TEN, readme: `${TEN}${TEN}` });
  mode(0o755);
  bed.git(['mv', 'readme', 'README']);
  bed.record('Rename and run');
  bed.branch({});
  mode(0o644);
  bed.git(['mv', 'README', 'readme']);
  bed.record('Mine');
  expect((await bed.found()).rules).toEqual(['whole-landing readme', 'whole-landing run.sh']);
  bed.branch({});
  bed.git(['mv', 'README', 'ReadMe']);
  bed.record('Mine');
  expect((await bed.found()).rules).toEqual([]);
});

test('who stands on another branch has seen what that one brought, and may take it out again', async () => {
  bed.main({ 'a.js': TEN });
  bed.git(['switch', '--quiet', '-C', 'below', 'main']);
  bed.put({ 'a.js': TEN.replace('five\n', 'five\nhalf\n'), 'b.js': TEN }, 'Below');
  bed.git(['switch', '--quiet', '-C', 'above', 'below']);
  bed.put({ 'a.js': TEN.replace('nine', '9'), 'c.js': TEN }, 'Above');
  bed.main({ 'other.js': 'more\n' });
  bed.git(['cherry-pick', 'below']);
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  bed.git(['cherry-pick', 'above']);
  const [base, candidate, head] = ['main', 'feature', 'above'].map((name) => bed.git(['rev-parse', name]).trim());
  const asked = { mainName: 'main', base: base ?? '', candidate: candidate ?? '', head: head ?? '', window: 500 };
  expect((await silentReverts(new Git(), bed.work, asked)).silent).toEqual([]);
  // A branch of somebody who has not seen it does not take it out unnoticed.
  bed.git(['switch', '--quiet', '-C', 'unseen', 'main~2']);
  bed.put({ 'own.js': 'mine\n' }, 'Mine');
  bed.git(['merge', '--quiet', '--no-edit', '-s', 'ours', 'main']);
  const merged = bed.git(['rev-parse', 'HEAD']).trim();
  const { silent } = await silentReverts(new Git(), bed.work, { ...asked, candidate: merged, head: merged });
  expect(silent.map(({ path }) => path).sort()).toEqual(['a.js', 'b.js', 'other.js']);
});

test('a file of the first commit of all may go: no branch was cut before it', async () => {
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  bed.git(['rm', '--quiet', 'main.txt']);
  bed.put({ 'own.js': 'mine\n' }, 'Mine');
  expect((await bed.found()).rules).toEqual([]);
});

test('what is not looked at is said', async () => {
  bed.main({ 'a.js': TEN });
  bed.main({ 'a.js': TEN.replace('five', 'fixed') }, 'Fix');
  for (const at of [1, 2, 3]) bed.main({ 'other.js': `${at}\n` });
  bed.branch({ 'a.js': TEN });
  expect(await bed.found({ window: 2 })).toMatchObject({ rules: [], scope: { commits: 2 } });
  expect(await bed.found({ window: 4 })).toMatchObject({ rules: ['old-content a.js'], scope: { commits: 4 } });
});

test('a change of very many files is looked at file by file, and only some of them line by line', async () => {
  const files = (text: string) =>
    Object.fromEntries(Array.from({ length: 450 }, (_, at) => [`src/f${at}.js`, `${at} ${text}\n`]));
  bed.main(files('old'));
  bed.main(files('new'), 'All of them');
  bed.branch(files('old'));
  const { silent, scope } = await bed.found();
  expect(silent).toHaveLength(450);
  expect(scope.filesWithoutLines).toBe(51);
});

test('a change that is more than anybody reads is looked at file by file', async () => {
  bed.main({ 'a.js': TEN, 'b.js': TEN });
  bed.main({ 'a.js': TEN.replace('five', 'fixed'), 'b.js': TEN.replace('five\nsix\n', '5\n6\n') }, 'Fix');
  bed.branch({ 'a.js': TEN, 'b.js': TEN.replace('nine', '9') });
  const lines = await bed.found();
  expect(lines.rules).toEqual(['whole-landing a.js', 'whole-landing b.js']);
  const tooMuch = new GitError('GIT_FAILED', 'git diff-tree in /r: it printed more than 100000000 bytes');
  class Flooded extends Git {
    override text(...[args, options]: Parameters<Git['text']>): Promise<string> {
      return args.includes('-p') ? Promise.reject(tooMuch) : super.text(args, options);
    }
  }
  const { rules, scope } = await bed.found({ git: new Flooded() });
  expect(rules).toEqual(['old-content a.js']);
  expect(scope.filesWithoutLines).toBe(3);
});

test('files are told apart whatever they are called', async () => {
  const names = [
    'sub dir/a b.js',
    'line\nfeed.js',
    'tab\t"quoted".js',
    'näme-😀.js',
    ':(top)x.js',
    '@@ -1 +1 @@',
    '*.js',
    'diff --git a',
  ];
  const files = (text: string) => Object.fromEntries(names.map((name) => [name, `${name}\n${text}\n`]));
  bed.main(files('one'));
  bed.main(files('two'));
  bed.branch(files('one'));
  const { silent } = await bed.found();
  expect(silent.map(({ path }) => path).sort()).toEqual([...names].sort());
});
