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

const FIXED = TEN.replace('five\n', 'fixed\nwell\n');
const BETTER = FIXED.replace('well', 'better');

test('a fix that was improved since is taken back with what improved it', async () => {
  bed.main({ 'a.js': FIXED }, 'Fix');
  bed.main({ 'a.js': BETTER }, 'Improve the fix');
  bed.branch({ 'a.js': TEN.replace('nine', '9') });
  expect(await bed.found()).toMatchObject({
    rules: ['lost-lines a.js', 'lost-lines a.js'],
    subjects: ['Improve the fix', 'Fix'],
    silent: [{ lines: ['-better', '+well'] }, { lines: ['-fixed', '-well', '+five'] }],
  });
});

test('only what lies behind the state that is back is named', async () => {
  bed.main({ 'a.js': TEN.replace('five\n', 'V\nfifth\n') }, 'Long ago');
  bed.main({ 'a.js': TEN.replace('five\n', 'fixed\nwell\n') }, 'Fix');
  bed.main({ 'a.js': TEN.replace('five\n', 'fixed\nbetter\n') }, 'Improve the fix');
  bed.branch({ 'a.js': TEN.replace('five\n', 'V\nfifth\n').replace('nine', '9') });
  expect((await bed.found()).subjects).toEqual(['Improve the fix', 'Fix']);
});

test('edits that go on from a fix upon a fix undo nothing', async () => {
  bed.main({ 'a.js': FIXED }, 'Fix');
  bed.main({ 'a.js': BETTER }, 'Improve the fix');
  bed.branch({ 'a.js': BETTER.replace('better', 'best').replace('nine', '9') });
  expect((await bed.found()).rules).toEqual([]);
  bed.branch({ 'a.js': BETTER.replace('fixed\nbetter', 'five\nand more') });
  expect((await bed.found()).rules).toEqual([]);
});

test('code that has landed in several steps may go: whoever cut the branch behind them has seen it', async () => {
  bed.main({ 'a.js': TEN.replace('five\n', 'five\nhalf(a)\nhalf(b)\nhalf(c)\n'), 'b.js': TEN }, 'Add');
  bed.main({ 'a.js': TEN.replace('five\n', 'five\nhalf(a)\nhalf(bb)\nhalf(cc)\n'), 'c.js': TEN }, 'Edit');
  bed.branch({ 'a.js': TEN.replace('nine', '9') });
  expect((await bed.found()).rules).toEqual([]);
  // Whoever has not seen it takes it back.
  bed.git(['switch', '--quiet', '-C', 'unseen', 'main~2']);
  bed.put({ 'own.js': 'mine\n' }, 'Mine');
  expect((await bed.found({ head: 'unseen' })).subjects).toEqual(['Edit', 'Add']);
});

test('the same line in very many places takes no longer than others', async () => {
  const table = (value: string, last: string) =>
    Array.from({ length: 20_000 }, (_, at) => `  ${at % 2 === 0 ? `row${at % 40}` : value},\n`)
      .join('')
      .concat(last);
  bed.main({ 'a.js': table('old', '') });
  bed.main({ 'a.js': table('new', '') }, 'Every second line');
  bed.branch({ 'a.js': table('old', 'mine\n') });
  const startedAt = performance.now();
  expect((await bed.found()).rules).toEqual(['lost-lines a.js']);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test('different lines in very many places take no longer either', async () => {
  const table = (value: string, last: string) =>
    Array.from({ length: 20_000 }, (_, at) => `  ${value}${at % 2 === 0 ? '' : at},\n`)
      .join('')
      .concat(last);
  bed.main({ 'a.js': table('a', '') });
  bed.main({ 'a.js': table('a', '').replace(/a(\d)/g, 'b$1') }, 'Every second line');
  bed.branch({ 'a.js': table('a', 'mine\n') });
  const startedAt = performance.now();
  expect((await bed.found()).rules).toEqual(['lost-lines a.js']);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
