import { RevertBed, TEN } from './revert-bed';

jest.setTimeout(60_000);

const STEPS = Array.from({ length: 8 }, (_, at) => `step ${at} of the work\n`).join('');
const FIXED = STEPS.replace('step 3 of', 'step 3, fixed, of');

let bed: RevertBed;
beforeEach(() => {
  bed = new RevertBed();
  bed.main({ 'a.js': `${TEN}${STEPS}${TEN}`, 'b.js': STEPS });
  // Whose author has not seen the fix.
  bed.git(['switch', '--quiet', '-C', 'unseen']);
  bed.put({ 'own.js': 'mine\n' }, 'Mine');
  bed.main({ 'a.js': `${TEN}${FIXED}${TEN}`, 'b.js': FIXED, 'other.js': 'more\n' }, 'Fix');
});
afterEach(() => {
  bed.dispose();
});

async function found(): Promise<readonly string[]> {
  return (await bed.found({ head: 'unseen' })).rules;
}

test('code that is moved from an old copy leaves a fix behind', async () => {
  bed.branch({ 'a.js': `${TEN}${TEN}`, 'lib.js': STEPS });
  expect(await found()).toEqual(['lost-lines a.js']);
});

test('lines that were put in between are left behind as well', async () => {
  bed.main({ 'a.js': `${TEN}${FIXED.replace('step 6', 'a check\nstep 6')}${TEN}`, 'c.js': 'more\n' }, 'Check');
  bed.branch({ 'a.js': `${TEN}${TEN}`, 'lib.js': FIXED });
  expect(await found()).toEqual(['lost-lines a.js']);
});

test('a file that is taken to pieces leaves its fix behind', async () => {
  bed.branch({
    'one.js': `${STEPS.slice(0, 100)}${TEN.repeat(3)}`,
    'two.js': `${STEPS.slice(100)}${TEN.replaceAll('e', 'E').repeat(3)}`,
  });
  bed.git(['rm', '--quiet', 'b.js']);
  bed.git(['commit', '--quiet', '--amend', '--no-edit']);
  expect(await found()).toEqual(['lost-lines b.js']);
});

test('code that is moved with its fix, or edited on the way, has lost nothing', async () => {
  bed.branch({ 'a.js': `${TEN}${TEN}`, 'lib.js': FIXED });
  expect(await found()).toEqual([]);
  bed.branch({ 'a.js': `${TEN}${TEN}`, 'lib.js': FIXED.replace('fixed,', 'fixed and moved,') });
  expect(await found()).toEqual([]);
});

test('who has seen the fix may move the code without it', async () => {
  bed.branch({ 'a.js': `${TEN}${TEN}`, 'lib.js': STEPS });
  expect((await bed.found()).rules).toEqual([]);
});
