import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from '../../simulation/random';
import { codeOf, GitBed, TASK } from './git-bed';

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
});
afterEach(() => {
  bed.dispose();
});

/** What the branch, as it is checked out, changes of main. */
async function changed() {
  const { headOid, baseOid } = await bed.workspace.fetch(bed.repository(), TASK, 'feature');
  return bed.workspace.changedLines(bed.repository(), { from: baseOid, to: headOid });
}

const TEN = '1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n';

test('added and altered lines count, and what was only moved or taken out does not', async () => {
  bed.commit('main', {
    'a.js': TEN,
    'gone.js': TEN.replace('1', 'x'),
    'old.js': `${TEN}${TEN}${TEN}old\n`,
    'less.js': `${TEN}less\n`,
  });
  bed.git(['switch', '--quiet', '-c', 'feature', 'main']);
  bed.git(['rm', '--quiet', 'gone.js']);
  bed.git(['mv', 'old.js', 'moved.js']);
  const moved = `${TEN}${TEN}${TEN}old\nnew`;
  bed.commit('feature', {
    'a.js': TEN.replace('2\n', 'two\n').replace('7\n', '7\nseven\n'),
    'moved.js': moved,
    'new.js': 'x\ny\n',
    'less.js': TEN,
    'empty.js': '',
  });
  expect(await changed()).toEqual([
    {
      path: 'a.js',
      stretches: [
        [2, 2],
        [8, 8],
      ],
      lineCount: 11,
    },
    { path: 'empty.js', stretches: [], lineCount: 0 },
    { path: 'less.js', stretches: [], lineCount: 10 },
    { path: 'moved.js', movedFrom: 'old.js', stretches: [[32, 32]], lineCount: 32 },
    { path: 'new.js', stretches: [[1, 2]], lineCount: 2 },
  ]);
});

test('files are told apart whatever their names and contents look like', async () => {
  const fake = 'diff --git a/x b/x\n@@ -0,0 +1,99 @@\n+++ b/x\n';
  const odd = [
    'sub dir/a b.js',
    'line\nfeed.js',
    'tab\t"quoted".js',
    'näme-😀.js',
    ':(top)x.js',
    '-x.js',
    '@@ -1 +1 @@',
    '*.js',
    'diff --git a',
  ];
  bed.commit('main', { 'z.js': TEN });
  bed.commit(
    'feature',
    Object.fromEntries([...odd.map((name) => [name, `${fake}end`]), ['z.js', `${TEN}z\n`]]) as Record<string, string>,
    'main',
  );
  const found = await changed();
  expect(found).toHaveLength(odd.length + 1);
  for (const path of odd) expect(found).toContainEqual({ path, stretches: [[1, 4]], lineCount: 4 });
  expect(found).toContainEqual({ path: 'z.js', stretches: [[11, 11]], lineCount: 11 });
  const { headOid } = await bed.workspace.fetch(bed.repository(), TASK, 'feature');
  const paths = await bed.workspace.filePaths(bed.repository(), headOid);
  for (const path of [...odd, 'z.js']) expect(paths.has(path)).toBe(true);
});

test('no attribute of the branch hides lines, and links are no files', async () => {
  bed.git(['switch', '--quiet', '-c', 'feature', 'main']);
  symlinkSync('a.js', join(bed.work, 'link.js'));
  bed.commit('feature', { '.gitattributes': '* binary -diff\n', 'a.js': 'x\n', 'bytes.js': 'x\0\x01\ny\n' });
  const found = await changed();
  expect(found.map(({ path, stretches }) => [path, stretches])).toEqual([
    ['.gitattributes', [[1, 1]]],
    ['a.js', [[1, 1]]],
    ['bytes.js', [[1, 2]]],
  ]);
  const { headOid } = await bed.workspace.fetch(bed.repository(), TASK, 'feature');
  expect((await bed.workspace.filePaths(bed.repository(), headOid)).has('link.js')).toBe(false);
});

test('a link that becomes a file brings all of its lines, beside whatever else is changed', async () => {
  symlinkSync('elsewhere', join(bed.work, 'b.js'));
  symlinkSync('elsewhere', join(bed.work, 'd.js'));
  bed.commit('main', { 'a.js': TEN, 'c.js': TEN });
  bed.git(['switch', '--quiet', '-c', 'feature', 'main']);
  for (const name of ['b.js', 'c.js']) rmSync(join(bed.work, name));
  symlinkSync('elsewhere', join(bed.work, 'c.js'));
  bed.commit('feature', { 'a.js': `${TEN}x\n`, 'b.js': 'x\ny\n' });
  expect(await changed()).toEqual([
    { path: 'a.js', stretches: [[11, 11]], lineCount: 11 },
    { path: 'b.js', stretches: [[1, Number.MAX_SAFE_INTEGER]], lineCount: null },
  ]);
});

test('of a file that is too large to be looked at, all lines count', async () => {
  bed.git(['switch', '--quiet', '-c', 'feature', 'main']);
  writeFileSync(join(bed.work, 'large (1).js'), 'x\n'.repeat(2_100_000));
  bed.commit('feature', { 'a.js': 'x\n' });
  const [small, large] = await changed();
  expect(small).toEqual({ path: 'a.js', stretches: [[1, 1]], lineCount: 1 });
  expect(large).toEqual({ path: 'large (1).js', stretches: [[1, Number.MAX_SAFE_INTEGER]], lineCount: null });
});

test('without the changed lines everything was there before, in the same order', async () => {
  const random = seeded(7);
  const versions = Array.from({ length: 30 }, (_, at) => {
    const before = Array.from({ length: random.below(40) }, () => `${random.below(6)}`);
    const after = before.flatMap((line) => random.pick([[line], [line], [line], [], [line, `n${at}`], [`${line}x`]]));
    return { path: `${at}.txt`, before, after };
  });
  const filesOf = (of: 'before' | 'after') =>
    Object.fromEntries(versions.map((each) => [each.path, each[of].map((line) => `${line}\n`).join('')]));
  bed.commit('main', filesOf('before'));
  bed.commit('feature', filesOf('after'), 'main');
  const found = new Map((await changed()).map((file) => [file.path, file.stretches]));
  for (const { path, before, after } of versions) {
    const kept = after.filter((_, at) => !found.get(path)?.some(([first, last]) => at + 1 >= first && at + 1 <= last));
    let at = 0;
    for (const line of before) if (line === kept[at]) at += 1;
    expect([path, kept.length - at]).toEqual([path, 0]);
  }
});

test('a commit that is not there is an error, and no answer', async () => {
  bed.commit('feature', { 'a.js': 'x\n' }, 'main');
  const { headOid } = await bed.workspace.fetch(bed.repository(), TASK, 'feature');
  const asked = { from: '1'.repeat(40), to: headOid };
  expect(await codeOf(bed.workspace.changedLines(bed.repository(), asked))).toBe('GIT_FAILED');
  expect(await codeOf(bed.workspace.filePaths(bed.repository(), '1'.repeat(40)))).toBe('GIT_FAILED');
});
