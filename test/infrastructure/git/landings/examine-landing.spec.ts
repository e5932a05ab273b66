import { Git } from '../../../../src/infrastructure/git/command/git-command';
import { auditPlace } from '../../../../src/infrastructure/git/landings/audit-place';
import { examineLanding } from '../../../../src/infrastructure/git/landings/examine-landing';
import { landingsOf, tipOf } from '../../../../src/infrastructure/git/landings/landing-walk';
import type { ExaminedLanding } from '../../../../src/domain/landings/landing';
import { honestLandings } from '../../../landings/measure';
import { LandingsBed, lines } from './landings-bed';

let bed: LandingsBed;
beforeEach(() => {
  bed = new LandingsBed();
});
afterEach(() => {
  bed.dispose();
});

const ALL = { since: null, behind: null, limit: 50, onLimit: () => undefined };

async function newest(): Promise<ExaminedLanding> {
  const place = await auditPlace(bed.work);
  const git = new Git();
  try {
    const { oid } = await tipOf(bed.work, 'main');
    for await (const landing of landingsOf(git, place.dir, oid, ALL))
      return await examineLanding(git, place.dir, landing);
    throw new Error('no landing');
  } finally {
    await place.remove();
  }
}

const found = ({ findings }: ExaminedLanding) => findings.map(({ rule, path }) => `${rule} ${path}`);

test('a merge that is what git makes of it has nothing', async () => {
  bed.branch('feature', { 'a.txt': lines('a', 12, { 1: 'of the branch' }) });
  bed.main({ 'a.txt': lines('a', 12, { 9: 'of main' }) });
  bed.merge('feature');
  expect(await newest()).toMatchObject({ kind: 'clean', findings: [], unread: null });
});

test("a merge with the branch's tree loses what main had got: said with the commit", async () => {
  bed.branch('feature', { 'a.txt': lines('a', 12, { 1: 'of the branch' }) });
  const fix = bed.main({ 'b.txt': lines('b', 12, { 3: 'the fix of main' }) }, 'Fix b');
  bed.mergeWithTree('feature', bed.git(['rev-parse', 'feature^{tree}']));
  const examined = await newest();
  expect(found(examined)).toEqual(['old-content b.txt']);
  expect(examined.findings[0]?.undone).toMatchObject([{ oid: fix, author: 'Ann', subject: 'Fix b' }]);
});

test('a merge that leaves the work of the branch out', async () => {
  bed.branch('feature', { 'a.txt': lines('a', 12, { 1: 'of the branch' }), 'new.txt': 'new\n' });
  bed.main({ 'b.txt': lines('b', 12, { 3: 'of main' }) });
  bed.mergeWithTree('feature', bed.git(['rev-parse', 'main^{tree}']));
  expect(found(await newest())).toEqual(['merge-lost-branch a.txt', 'merge-lost-branch new.txt']);
});

test('a merge that has what nobody has written', async () => {
  bed.branch('feature', { 'a.txt': lines('a', 12, { 1: 'of the branch' }) });
  bed.main({ 'b.txt': lines('b', 12, { 3: 'of main' }) });
  bed.merge('feature', () => {
    bed.write({ 'src/c.txt': lines('c', 12, { 5: 'slipped in' }), 'extra.txt': 'x\n' });
  });
  expect(found(await newest())).toEqual(['merge-edited extra.txt', 'merge-edited src/c.txt']);
});

describe('a merge with a conflict', () => {
  beforeEach(() => {
    bed.branch('feature', { 'a.txt': lines('a', 12, { 1: 'of the branch' }) });
    bed.main(
      { 'a.txt': lines('a', 12, { 1: 'of main' }), 'b.txt': lines('b', 12, { 3: 'the fix of main' }) },
      'Fix both',
    );
  });

  test('is resolved by people: neither that file nor others that had to follow', async () => {
    bed.merge('feature', () => {
      bed.write({ 'a.txt': lines('a', 12, { 1: 'of both' }), 'src/c.txt': lines('c', 12, { 5: 'follows' }) });
    });
    expect(await newest()).toMatchObject({ kind: 'by-hand', findings: [] });
  });

  test('and loses main in another file', async () => {
    bed.merge('feature', () => {
      bed.write({ 'a.txt': lines('a', 12, { 1: 'of both' }), 'b.txt': lines('b') });
    });
    const examined = await newest();
    expect(examined.kind).toBe('by-hand');
    expect(found(examined)).toEqual(['old-content b.txt']);
  });
});

test('a file that a branch moved and main changed goes with it; whoever lets git look for no renames is no liar', async () => {
  bed.branch('feature', { 'a.txt': null, 'moved/a.txt': lines('a') });
  bed.main({ 'a.txt': lines('a', 12, { 9: 'of main' }) });
  bed.merge('feature');
  expect(found(await newest())).toEqual([]);
});

test('a folder that a branch renamed: both ways of git are honest', async () => {
  bed.main({ 'old/x.txt': lines('x'), 'old/y.txt': lines('y') });
  bed.branch('feature', { 'old/x.txt': null, 'old/y.txt': null, 'new/x.txt': lines('x'), 'new/y.txt': lines('y') });
  bed.main({ 'old/z.txt': lines('z') });
  const before = bed.git(['rev-parse', 'HEAD']);
  for (const way of ['true', 'false']) {
    bed.git(['reset', '--quiet', '--hard', before]);
    bed.git(['config', 'merge.directoryRenames', way]);
    bed.merge('feature');
    expect({ way, found: found(await newest()) }).toEqual({ way, found: [] });
  }
});

test('what a driver of the repository merges is not looked at', async () => {
  bed.main({ '.gitattributes': '*.lock merge=ours\n', 'x.lock': lines('x') });
  bed.branch('feature', { 'x.lock': lines('x', 12, { 1: 'of the branch' }) });
  bed.main({ 'x.lock': lines('x', 12, { 9: 'of main' }) });
  bed.git(['config', 'merge.ours.driver', 'true']);
  bed.merge('feature');
  expect(found(await newest())).toEqual([]);
});

test('a mode and a submodule that a merge takes back', async () => {
  const one = '1'.repeat(40);
  bed.git(['update-index', '--add', '--cacheinfo', `160000,${one},sub`]);
  bed.git(['commit', '--quiet', '-m', 'Add a submodule']);
  bed.git(['branch', 'feature']);
  bed.git(['update-index', '--cacheinfo', `160000,${'2'.repeat(40)},sub`]);
  bed.git(['update-index', '--chmod=+x', 'b.txt']);
  bed.git(['commit', '--quiet', '-m', 'Bring both forward']);
  bed.git(['switch', '--quiet', '-f', 'feature']);
  bed.write({ 'a.txt': lines('a', 12, { 1: 'x' }) });
  bed.git(['commit', '--quiet', '-am', 'Work']);
  bed.git(['switch', '--quiet', '-f', 'main']);
  bed.mergeWithTree('feature', bed.git(['rev-parse', 'feature^{tree}']));
  expect(found(await newest()).map((each) => each.split(' ')[1])).toEqual(expect.arrayContaining(['b.txt', 'sub']));
});

test.each([
  ['a squash', ['merge', '--quiet', '--squash', 'feature']],
  ['a direct push', ['cherry-pick', '--no-commit', 'feature']],
])('%s that brings old content back is judged by the same rules', async (_what, how) => {
  const fix = bed.main({ 'b.txt': lines('b', 12, { 3: 'the fix' }) }, 'Fix b');
  bed.branch('feature', { 'b.txt': lines('b'), 'a.txt': lines('a', 12, { 1: 'feature' }) });
  bed.main({ 'src/c.txt': lines('c', 12, { 2: 'x' }) });
  bed.git(how);
  bed.record('Land feature');
  const examined = await newest();
  expect(examined.kind).toBe('commit');
  expect(found(examined)).toEqual(['old-content b.txt']);
  expect(examined.findings[0]?.undone).toMatchObject([{ oid: fix }]);
});

test('a revert that says so is announced, and no finding', async () => {
  const fix = bed.main({ 'b.txt': lines('b', 12, { 3: 'the fix' }) }, 'Fix b');
  bed.git(['revert', '--no-edit', fix]);
  expect(await newest()).toMatchObject({ kind: 'commit', findings: [], announced: [fix] });
});

test('a merge of three is looked through for undone commits alone', async () => {
  bed.branch('one', { 'one.txt': '1\n' });
  bed.branch('two', { 'two.txt': '2\n' });
  bed.main({ 'b.txt': lines('b', 12, { 3: 'x' }) });
  bed.git(['merge', '--quiet', 'one', 'two']);
  expect(await newest()).toMatchObject({ kind: 'octopus', findings: [] });
});

test('a merge of what has no history in common, and a criss-cross', async () => {
  bed.git(['switch', '--quiet', '--orphan', 'other']);
  bed.write({ 'other.txt': 'o\n' });
  bed.record('Another beginning');
  bed.git(['switch', '--quiet', 'main']);
  bed.merge('other', undefined, '--allow-unrelated-histories');
  expect(await newest()).toMatchObject({ kind: 'clean', findings: [] });
  bed.branch('left', { 'a.txt': lines('a', 12, { 1: 'left' }) });
  bed.branch('right', { 'b.txt': lines('b', 12, { 1: 'right' }) });
  bed.git(['switch', '--quiet', 'left']);
  bed.merge('right');
  bed.git(['switch', '--quiet', 'right']);
  bed.merge('left~1');
  bed.git(['switch', '--quiet', 'main']);
  bed.merge('left');
  bed.merge('right');
  expect(await newest()).toMatchObject({ kind: 'clean', findings: [] });
});

test('honest landings, merged by hand among them, are let through', async () => {
  const all = await honestLandings(3, 120);
  expect(all.filter(({ kind }) => kind === 'clean' || kind === 'by-hand').length).toBeGreaterThan(20);
  expect(all.flatMap((one) => found(one))).toEqual([]);
  expect(all.filter(({ unread }) => unread !== null)).toEqual([]);
});

test('what git cannot read is said of that landing alone', async () => {
  bed.branch('feature', { 'a.txt': lines('a', 12, { 1: 'x' }) });
  bed.main({ 'a.txt': lines('a', 12, { 9: 'y' }) });
  bed.merge('feature');
  const blob = bed.git(['rev-parse', 'main:a.txt']);
  bed.write({ [`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`]: null });
  const { unread, findings } = await newest();
  expect(findings).toEqual([]);
  expect(unread).toMatch(/git (?:diff-tree|merge-tree|log) in /);
});
