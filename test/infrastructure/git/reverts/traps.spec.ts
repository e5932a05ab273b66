import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GitError } from '../../../../src/application/ports/git-workspace';
import { Git } from '../../../../src/infrastructure/git/command/git-command';
import { silentReverts } from '../../../../src/infrastructure/git/reverts/silent-reverts';
import { GitBed } from '../git-bed';

jest.setTimeout(60_000);

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
});
afterEach(() => {
  bed.dispose();
});

const TEN = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n';

/** What the branch, on top of main as it is, undoes: rule, path, and how its commits begin. */
async function found(window = 500, git = new Git()) {
  const oid = (name: string) => bed.git(['rev-parse', name]).trim();
  const [base, candidate] = [oid('main'), oid('feature')];
  const answer = await silentReverts(git, bed.work, { base, candidate, head: candidate, window });
  const subjects = answer.landed.map(({ message }) => message.split('\n')[0]);
  return { ...answer, rules: answer.silent.map(({ rule, path }) => `${rule} ${path}`), subjects };
}

type Files = Readonly<Record<string, string>>;

function main(files: Files, message = 'More'): void {
  bed.git(['switch', '--quiet', 'main']);
  put(files, message);
}

/** A branch on main's newest commit that has these files besides, or in their place. */
function branch(files: Files, message = 'My work'): void {
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  put({ ...files, 'own.js': `own ${message}\n` }, message);
}

function put(files: Files, message: string): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(bed.work, path)), { recursive: true });
    writeFileSync(join(bed.work, path), text);
  }
  bed.git(['add', '--all']);
  commit(message);
}

function commit(message: string): void {
  bed.git(['commit', '--quiet', '-m', message]);
}

test('the hole that was seen: a head reset softly onto main lands an old file over a fix', async () => {
  main({ 'a.js': TEN });
  main({ 'a.js': TEN.replace('five', 'fixed') }, 'Fix the fifth line');
  branch({ 'a.js': TEN });
  const { silent, landed, scope } = await found();
  expect(silent).toEqual([
    { rule: 'old-content', path: 'a.js', commits: [landed[0]?.oid], lines: ['-fixed', '+five'], isWeak: false },
  ]);
  expect(landed[0]?.message).toBe('Fix the fifth line\n');
  expect(scope).toMatchObject({ reachesFork: true, filesWithoutLines: 0 });
});

test('edits that go on from what has landed undo nothing', async () => {
  main({ 'a.js': TEN });
  main({ 'a.js': TEN.replace('five\n', 'fixed\nand tested\n') });
  branch({ 'a.js': TEN.replace('five\n', 'fixed by others\nand tested\nand told\n') });
  expect((await found()).rules).toEqual([]);
});

test('new formats on main, and the old format again, undo nothing', async () => {
  main({ 'a.js': TEN });
  main({ 'a.js': TEN.replaceAll('\n', '\n  ') });
  branch({ 'a.js': TEN });
  expect((await found()).rules).toEqual([]);
});

test('of a fix and a new format the fix is named', async () => {
  main({ 'a.js': TEN });
  main({ 'a.js': TEN.replace('five', 'fixed') }, 'Fix');
  main({ 'a.js': TEN.replace('five', 'fixed').replaceAll('\n', '\n  ') }, 'Format');
  branch({ 'a.js': TEN });
  expect(await found()).toMatchObject({ rules: ['old-content a.js'], subjects: ['Fix'] });
});

test('code that is moved to another file is not lost', async () => {
  main({ 'a.js': TEN, 'b.js': 'begin\n' });
  main({ 'a.js': TEN.replace('five\n', 'five\nalpha\nbeta\ngamma\n') });
  branch({ 'a.js': TEN, 'b.js': 'begin\nalpha\nbeta\ngamma\n' });
  // The whole content of the file is as before: that its lines stand elsewhere now does not make it another content.
  expect((await found()).rules).toEqual(['old-content a.js']);
  branch({ 'a.js': TEN.replace('nine', 'new'), 'b.js': 'begin\nalpha\nbeta\ngamma\n' });
  expect((await found()).rules).toEqual([]);
});

test('a revert that names its commit is allowed and shown, and so is one of a revert', async () => {
  main({ 'a.js': TEN });
  main({ 'a.js': TEN.replace('five', 'fixed') }, 'Fix');
  const fix = bed.git(['rev-parse', 'main']).trim();
  branch({ 'a.js': TEN }, `Revert "Fix"\n\nThis reverts commit ${fix}.`);
  expect(await found()).toMatchObject({ silent: [], explicit: [{ commit: fix, by: 'trailer' }] });
  bed.git(['switch', '--quiet', 'main']);
  bed.git(['revert', '--no-edit', fix]);
  const revert = bed.git(['rev-parse', 'main']).trim();
  branch({ 'a.js': TEN.replace('five', 'fixed') }, `Reapply "Fix"\n\nThis reverts commit ${revert.slice(0, 9)}.`);
  expect(await found()).toMatchObject({ silent: [], explicit: [{ commit: revert, by: 'trailer' }] });
  branch({ 'a.js': TEN.replace('five', 'fixed') }, `Reapply\n\nThis reverts commit ${fix}.`);
  expect((await found()).rules).toEqual(['old-content a.js']);
});

test('one commit backwards and nothing else is a revert, with or without words', async () => {
  main({ 'a.js': TEN, 'b.js': TEN });
  main({ 'a.js': TEN.replace('five', 'fixed'), 'b.js': TEN.replace('two', '2') }, 'Fix');
  main({ 'a.js': TEN.replace('five', 'fixed').replace('nine', '9') }, 'Edit');
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  put({ 'a.js': TEN.replace('nine', '9'), 'b.js': TEN }, 'No words');
  expect(await found()).toMatchObject({ silent: [], explicit: [{ by: 'inverse' }] });
  put({ 'own.js': 'own\n' }, 'More');
  expect(await found()).toMatchObject({
    rules: ['whole-landing a.js', 'whole-landing b.js'],
    subjects: ['Fix'],
    explicit: [],
  });
});

test('binary files and files beyond what anybody reads count by their content', async () => {
  const huge = 'a line that is repeated\n'.repeat(60_000);
  main({ 'a.bin': '\0one', 'huge.txt': huge });
  main({ 'a.bin': '\0two', 'huge.txt': `${huge}more\n` }, 'Fix');
  branch({ 'a.bin': '\0one', 'huge.txt': huge });
  expect(await found()).toMatchObject({ rules: ['whole-landing a.bin', 'whole-landing huge.txt'], subjects: ['Fix'] });
  branch({ 'a.bin': '\0three', 'huge.txt': `${huge}other\n` });
  expect((await found()).rules).toEqual([]);
});

test('main says which files are generated or vendored, and a branch does not', async () => {
  const files = { 'dist/a.js': TEN, 'vendor/b.js': TEN, 'c.js': TEN };
  const fixed = Object.fromEntries(Object.keys(files).map((path) => [path, TEN.replace('five', 'fixed')]));
  const attributes = 'dist/** linguist-generated\n/vendor/* linguist-vendored=true\n';
  main({ ...files, '.gitattributes': attributes });
  main(fixed, 'Fix');
  branch({ ...files, '.gitattributes': `${attributes}*.js linguist-generated\n` });
  expect(await found()).toMatchObject({ rules: ['whole-landing c.js'], made: ['dist/a.js', 'vendor/b.js'] });
});

test('of lock files only the whole content counts', async () => {
  main({ 'package-lock.json': TEN });
  main({ 'package-lock.json': TEN.replace('five\nsix', 'v\nvi') });
  branch({ 'package-lock.json': TEN.replace('nine', '9') });
  expect((await found()).rules).toEqual([]);
  branch({ 'package-lock.json': TEN });
  expect((await found()).rules).toEqual(['old-content package-lock.json']);
});

test('links and submodules count by what they point to', async () => {
  const [one, two] = ['1'.repeat(40), '2'.repeat(40)];
  const pointer = (oid: string) => ['update-index', '--add', '--cacheinfo', `160000,${oid},lib`];
  const link = (to: string) => {
    rmSync(join(bed.work, 'link'), { force: true });
    symlinkSync(to, join(bed.work, 'link'));
    bed.git(['add', 'link']);
  };
  main({ 'a.js': TEN });
  link('old');
  bed.git(pointer(one));
  commit('Begin');
  link('new');
  bed.git(pointer(two));
  commit('Update');
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  bed.git(pointer(one));
  link('old');
  writeFileSync(join(bed.work, 'own.js'), 'own\n');
  bed.git(['add', 'own.js']);
  commit('My work');
  expect(await found()).toMatchObject({ rules: ['whole-landing lib', 'whole-landing link'], subjects: ['Update'] });
});

test('modes and names that are as before are found, and other ones are not', async () => {
  const mode = (bits: number) => {
    chmodSync(join(bed.work, 'run.sh'), bits);
    bed.git(['add', 'run.sh']);
  };
  main({ 'run.sh': TEN, readme: `${TEN}${TEN}` });
  mode(0o755);
  bed.git(['mv', 'readme', 'README']);
  commit('Rename and run');
  branch({});
  mode(0o644);
  bed.git(['mv', 'README', 'readme']);
  commit('Mine');
  expect((await found()).rules).toEqual(['whole-landing readme', 'whole-landing run.sh']);
  branch({});
  bed.git(['mv', 'README', 'ReadMe']);
  commit('Mine');
  expect((await found()).rules).toEqual([]);
});

test('who stands on another branch has seen what that one brought, and may take it out again', async () => {
  main({ 'a.js': TEN });
  bed.git(['switch', '--quiet', '-C', 'below', 'main']);
  put({ 'a.js': TEN.replace('five\n', 'five\nhalf\n'), 'b.js': TEN }, 'Below');
  bed.git(['switch', '--quiet', '-C', 'above', 'below']);
  put({ 'a.js': TEN.replace('nine', '9'), 'c.js': TEN }, 'Above');
  main({ 'other.js': 'more\n' });
  bed.git(['cherry-pick', 'below']);
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  bed.git(['cherry-pick', 'above']);
  const [base, candidate, head] = ['main', 'feature', 'above'].map((name) => bed.git(['rev-parse', name]).trim());
  const asked = { base: base ?? '', candidate: candidate ?? '', head: head ?? '', window: 500 };
  expect((await silentReverts(new Git(), bed.work, asked)).silent).toEqual([]);
  // A branch of somebody who has not seen it does not take it out unnoticed.
  bed.git(['switch', '--quiet', '-C', 'unseen', 'main~2']);
  put({ 'own.js': 'mine\n' }, 'Mine');
  bed.git(['merge', '--quiet', '--no-edit', '-s', 'ours', 'main']);
  const merged = bed.git(['rev-parse', 'HEAD']).trim();
  const { silent } = await silentReverts(new Git(), bed.work, { ...asked, candidate: merged, head: merged });
  expect(silent.map(({ path }) => path).sort()).toEqual(['a.js', 'b.js', 'other.js']);
});

test('a file of the first commit of all may go: no branch was cut before it', async () => {
  bed.git(['switch', '--quiet', '-C', 'feature', 'main']);
  bed.git(['rm', '--quiet', 'main.txt']);
  put({ 'own.js': 'mine\n' }, 'Mine');
  expect((await found()).rules).toEqual([]);
});

test('what is not looked at is said', async () => {
  main({ 'a.js': TEN });
  main({ 'a.js': TEN.replace('five', 'fixed') }, 'Fix');
  for (const at of [1, 2, 3]) main({ 'other.js': `${at}\n` });
  branch({ 'a.js': TEN });
  expect(await found(2)).toMatchObject({ rules: [], scope: { commits: 2 } });
  expect(await found(4)).toMatchObject({ rules: ['old-content a.js'], scope: { commits: 4 } });
});

test('a change of very many files is looked at file by file, and only some of them line by line', async () => {
  const files = (text: string) =>
    Object.fromEntries(Array.from({ length: 450 }, (_, at) => [`src/f${at}.js`, `${at} ${text}\n`]));
  main(files('old'));
  main(files('new'), 'All of them');
  branch(files('old'));
  const { silent, scope } = await found();
  expect(silent).toHaveLength(450);
  expect(scope.filesWithoutLines).toBe(51);
});

test('a change that is more than anybody reads is looked at file by file', async () => {
  main({ 'a.js': TEN, 'b.js': TEN });
  main({ 'a.js': TEN.replace('five', 'fixed'), 'b.js': TEN.replace('five\nsix\n', '5\n6\n') }, 'Fix');
  branch({ 'a.js': TEN, 'b.js': TEN.replace('nine', '9') });
  const lines = await found();
  expect(lines.rules).toEqual(['whole-landing a.js', 'whole-landing b.js']);
  const tooMuch = new GitError('GIT_FAILED', 'git diff-tree in /r: it printed more than 100000000 bytes');
  class Flooded extends Git {
    override text(...[args, options]: Parameters<Git['text']>): Promise<string> {
      return args.includes('-p') ? Promise.reject(tooMuch) : super.text(args, options);
    }
  }
  const { rules, scope } = await found(500, new Flooded());
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
  main(files('one'));
  main(files('two'));
  branch(files('one'));
  const { silent } = await found();
  expect(silent.map(({ path }) => path).sort()).toEqual([...names].sort());
});
