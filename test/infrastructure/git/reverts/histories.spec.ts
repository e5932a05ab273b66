import { RevertBed, TEN } from './revert-bed';

jest.setTimeout(60_000);

let bed: RevertBed;
beforeEach(() => {
  bed = new RevertBed();
  bed.main({ 'a.js': TEN });
});
afterEach(() => {
  bed.dispose();
});

const FIXED = TEN.replace('five', 'fixed');

function on(branch: string, from?: string): void {
  bed.git(['switch', '--quiet', ...(from === undefined ? [] : ['-C']), branch, ...(from === undefined ? [] : [from])]);
}

function merge(...what: readonly string[]): void {
  bed.git(['merge', '--quiet', '--no-edit', ...what]);
}

/** Two branches that have merged each other: main and `feature` have two merge bases. */
function crissCross(strategy: readonly string[]): void {
  on('feature', 'main');
  bed.put({ 'first.js': 'first\n' }, 'Mine first');
  const first = bed.oid('feature');
  bed.main({ 'a.js': FIXED }, 'Fix');
  const fix = bed.oid('main');
  on('feature');
  merge(...strategy, fix);
  on('main');
  merge(first);
  bed.main({ 'other.js': 'other\n' }, 'Later');
  on('feature');
  bed.put({ 'second.js': 'second\n' }, 'Mine second');
  expect(bed.git(['merge-base', '--all', 'main', 'feature']).trim().split('\n')).toHaveLength(2);
}

test('branches that merged each other undo nothing', async () => {
  crissCross([]);
  merge('main');
  expect((await bed.found()).rules).toEqual([]);
});

test('what was lost where branches merged each other is found, with its commit', async () => {
  crissCross(['-s', 'ours']);
  merge('main');
  expect(await bed.found()).toMatchObject({ rules: ['old-content a.js'], subjects: ['Fix'] });
});

test('after rounds of mutual merges only what the last one loses is named', async () => {
  on('feature', 'main');
  bed.put({ 'own.js': 'own\n' }, 'Mine');
  for (const round of [1, 2, 3, 4]) {
    const [mine, theirs] = [bed.oid('feature'), bed.oid('main')];
    on('main');
    merge(mine);
    bed.put({ [`m${round}.js`]: `of main ${round}\n`, 'a.js': TEN.replace('five', `fixed ${round}`) }, `Fix ${round}`);
    on('feature');
    merge(theirs);
    bed.put({ [`f${round}.js`]: `${round}\n` }, `Mine ${round}`);
  }
  expect(bed.git(['merge-base', '--all', 'main', 'feature']).trim().split('\n')).toHaveLength(2);
  merge('-s', 'ours', 'main');
  expect(await bed.found()).toMatchObject({
    rules: ['whole-landing a.js', 'whole-landing m4.js'],
    subjects: ['Fix 4'],
  });
});

/** main is moved onto a branch that had merged it: behind the merge the first parents are the branch's. */
function taken(): void {
  on('first', 'main');
  bed.put({ 'first.js': 'first\n' }, 'First');
  bed.main({ 'a.js': FIXED, 'new.js': TEN }, 'Fix');
  on('first');
  merge('main');
  on('main');
  merge('--ff-only', 'first');
  bed.main({ 'other.js': 'other\n' }, 'Later');
}

test('where main took over a branch that had merged it, the commit that is undone is named and not the merge', async () => {
  taken();
  bed.branch({ 'a.js': TEN });
  expect(await bed.found()).toMatchObject({ rules: ['old-content a.js'], subjects: ['Fix'] });
  bed.branch({ 'a.js': TEN }, { message: `Revert\n\nThis reverts commit ${bed.oid('main^^2')}.` });
  expect(await bed.found()).toMatchObject({ silent: [], explicit: [{ commit: bed.oid('main^^2') }] });
});

test('a branch that was cut before that has a place on main', async () => {
  on('cut', 'main');
  bed.put({ 'own.js': 'mine\n' }, 'Mine');
  taken();
  bed.branch({});
  bed.git(['rm', '--quiet', 'new.js']);
  bed.record('Mine');
  expect(await bed.found({ head: 'cut' })).toMatchObject({
    rules: ['lost-file new.js'],
    subjects: ['Fix'],
    scope: { reachesFork: true },
  });
  // What the branch brought that main took over has landed as well.
  bed.branch({});
  bed.git(['rm', '--quiet', 'first.js']);
  bed.record('Mine');
  expect(await bed.found({ head: 'cut' })).toMatchObject({
    rules: ['lost-file first.js'],
    subjects: ["Merge branch 'main' into first"],
  });
});

test('a merge of another branch into main goes on with its first parent', async () => {
  on('fix', 'main');
  bed.put({ 'a.js': TEN.replace('five', 'half') }, 'Half a fix');
  bed.put({ 'a.js': FIXED }, 'Fix');
  on('main');
  merge('--no-ff', 'fix');
  bed.branch({ 'a.js': TEN });
  expect(await bed.found()).toMatchObject({ rules: ['old-content a.js'], subjects: ["Merge branch 'fix'"] });
});
