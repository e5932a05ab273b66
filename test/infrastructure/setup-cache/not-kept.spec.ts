import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { root, bed, PLAN, TREE, freshClone, write, run, restoredIn, MODULE } from './cache-bed';

describe('what a commit has where a folder is to be kept', () => {
  const plan = { ...PLAN, folders: ['deep/modules'] };
  const MADE = { 'deep/modules/a/index.js': 'a' };
  beforeEach(async () => {
    await run(MADE, { plan });
    await bed.cache.offer('web', TREE);
  });

  test.each<readonly [string, (cwd: string, outside: string) => void, RegExp]>([
    [
      'a link above it',
      (cwd, outside) => {
        symlinkSync(outside, join(cwd, 'deep'));
      },
      /^deep leads to /,
    ],
    [
      'a link',
      (cwd, outside) => {
        write(cwd, { 'deep/other': '' });
        symlinkSync(join(outside, 'modules'), join(cwd, 'deep/modules'));
      },
      /^deep\/modules leads to /,
    ],
    [
      'a file above it',
      (cwd) => {
        write(cwd, { deep: '' });
      },
      /^deep is no folder$/,
    ],
  ])('is neither written nor removed: %s', async (_what, make, why) => {
    for (const lock of ['one', 'two']) {
      const outside = mkdtempSync(join(root, 'outside-'));
      write(outside, { 'modules/precious': 'bytes' });
      const cwd = freshClone({ 'lock.json': lock });
      make(cwd, outside);
      const pending = await bed.cache.restore(plan, cwd);
      expect(pending === 'restored' ? pending : await pending.keep(TREE)).toMatch(why);
      expect(readdirSync(join(outside, 'modules'))).toEqual(['precious']);
    }
  });

  test('is no matter where it has the folder above, with files of its own', async () => {
    const cwd = freshClone({ 'lock.json': 'one', 'deep/own': 'own' });
    expect(await restoredIn(plan, cwd)).not.toBeNull();
    expect(readdirSync(join(cwd, 'deep')).sort()).toEqual(['modules', 'own']);
  });
});

describe('file names that are no text', () => {
  const odd = (cwd: string, byte: number) => Buffer.concat([Buffer.from(`${cwd}/caf`), Buffer.from([byte])]);

  test('are no hindrance, in the commit and in the folder', async () => {
    const make = () => {
      const cwd = freshClone();
      writeFileSync(odd(cwd, 0xe9), '');
      return cwd;
    };
    const cwd = make();
    const pending = await bed.cache.restore(PLAN, cwd);
    if (pending === 'restored') throw new Error('expected nothing to be kept yet');
    write(cwd, MODULE);
    writeFileSync(odd(join(cwd, 'modules'), 0xe9), 'odd');
    expect(await pending.keep(TREE)).toBeNull();
    await bed.cache.offer('web', TREE);
    expect(readFileSync(odd(join((await restoredIn(PLAN, make())) ?? '', 'modules'), 0xe9), 'utf8')).toBe('odd');
  });

  test('are told from each other where a set-up writes them', async () => {
    const cwd = freshClone();
    for (const byte of [0xe8, 0xe9]) writeFileSync(odd(cwd, byte), '');
    const pending = await bed.cache.restore(PLAN, cwd);
    if (pending === 'restored') throw new Error('expected nothing to be kept yet');
    write(cwd, MODULE);
    writeFileSync(odd(cwd, 0xe8), 'more');
    writeFileSync(odd(cwd, 0xe9), 'more');
    expect(await pending.keep(TREE)).toBe('it wrote elsewhere too: caf\uFFFD, caf\uFFFD');
  });
});

describe('nothing is kept, and it is said why, of a set-up', () => {
  test.each<readonly [string, (cwd: string) => void, string]>([
    [
      'that writes elsewhere',
      (cwd) => {
        write(cwd, { 'b.txt': '', 'a.txt': '', 'd.txt': '', 'c.txt': '' });
      },
      'it wrote elsewhere too: a.txt, b.txt, c.txt, and 1 more',
    ],
    [
      'that changes a file',
      (cwd) => {
        write(cwd, { 'lock.json': 'two' });
      },
      'it wrote elsewhere too: lock.json',
    ],
    [
      'that writes the same again',
      (cwd) => {
        write(cwd, { 'lock.json': 'one' });
      },
      'it wrote elsewhere too: lock.json',
    ],
    [
      'that makes an empty folder',
      (cwd) => {
        mkdirSync(join(cwd, 'build'));
      },
      'it wrote elsewhere too: build',
    ],
    [
      'that removes a file',
      (cwd) => {
        rmSync(join(cwd, 'lock.json'));
      },
      'it wrote elsewhere too: lock.json',
    ],
    [
      'that changes .git',
      (cwd) => {
        write(cwd, { '.git/config': 'hooks' });
      },
      'it wrote elsewhere too: .git/config',
    ],
    [
      'that makes no folder',
      (cwd) => {
        rmSync(join(cwd, 'modules'), { recursive: true });
      },
      'modules is not there',
    ],
    [
      'whose folder leads out of the clone',
      (cwd) => {
        rmSync(join(cwd, 'modules'), { recursive: true });
        symlinkSync('/etc', join(cwd, 'modules'));
      },
      'modules leads to /etc',
    ],
    [
      'with a link by its full path',
      (cwd) => {
        symlinkSync(cwd, join(cwd, 'modules/self'));
      },
      'self is a link by its full path',
    ],
    [
      'with a pipe',
      (cwd) => void execFileSync('mkfifo', [join(cwd, 'modules/pipe')]),
      'pipe is no file, folder or link',
    ],
    [
      'that is too large',
      (cwd) => {
        write(cwd, { 'modules/large': 'x'.repeat(1_000_001) });
      },
      '1000002 bytes are more than the 1000000 that may be kept',
    ],
  ])('%s', async (_what, more, why) => {
    const cwd = freshClone({ 'lock.json': 'one', '.git/HEAD': 'main' });
    const pending = await bed.cache.restore(PLAN, cwd);
    if (pending === 'restored') throw new Error('expected nothing to be kept yet');
    write(cwd, MODULE);
    more(cwd);
    expect(await pending.keep(TREE)).toBe(why);
    await bed.cache.offer('web', TREE);
    expect(await restoredIn()).toBeNull();
    expect(
      existsSync(join(bed.state, 'setup-cache/web')) ? readdirSync(join(bed.state, 'setup-cache/web')) : [],
    ).toEqual([]);
  });

  test('whose folder is part of the commit', async () => {
    const cwd = freshClone({ 'lock.json': 'one', 'modules/own.js': 'own' });
    expect(await run(MODULE, { cwd })).toBe('modules is part of the commit');
  });
});
