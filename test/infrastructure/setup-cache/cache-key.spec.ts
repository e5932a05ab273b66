import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { SetupPlan } from '../../../src/application/ports/setup-cache';
import { bed, PLAN, TREE, freshClone, write, run, restoredIn, MODULE } from './cache-bed';

describe('a key', () => {
  beforeEach(async () => {
    await run(MODULE);
    await bed.cache.offer('web', TREE);
  });

  test.each<readonly [string, Partial<SetupPlan>, Record<string, string>]>([
    ['the contents of its files', {}, { 'lock.json': 'two' }],
    ['a file of it that is not there', {}, {}],
    ['command, variables and system', { digest: 'e'.repeat(64) }, { 'lock.json': 'one' }],
    ['the folders', { folders: ['modules', 'more'] }, { 'lock.json': 'one' }],
    ['the project', { project: 'api' }, { 'lock.json': 'one' }],
  ])('is another one with %s', async (_what, plan, files) => {
    expect(await restoredIn({ ...PLAN, ...plan }, freshClone(files))).toBeNull();
    expect(await restoredIn()).not.toBeNull();
  });

  test('tells two files from each other that are larger than what is read at once', async () => {
    const large = (last: string) => freshClone({ 'lock.json': 'x'.repeat(300_000) + last });
    await run(MODULE, { cwd: large('1') });
    await bed.cache.offer('web', TREE);
    expect(await restoredIn(PLAN, large('1'))).not.toBeNull();
    expect(await restoredIn(PLAN, large('2'))).toBeNull();
  });

  test.each<readonly [string, (cwd: string) => void, string]>([
    [
      'a link, whose target may change',
      (cwd) => {
        symlinkSync('elsewhere.json', join(cwd, 'lock.json'));
      },
      'lock.json is a link; name the file that it leads to as the key',
    ],
    [
      'a folder',
      (cwd) => {
        write(cwd, { 'lock.json/a': '' });
      },
      'lock.json is no file; name files as the key',
    ],
    ['nothing that is there', () => undefined, 'no file of the key is there: lock.json'],
  ])('is refused where it is %s', async (_what, make, why) => {
    const cwd = freshClone({ 'elsewhere.json': 'one' });
    make(cwd);
    expect(await run(MODULE, { cwd })).toBe(why);
  });
});
