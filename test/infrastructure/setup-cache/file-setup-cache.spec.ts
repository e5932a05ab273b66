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
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SetupPlan } from '../../../src/application/ports/setup-cache';
import { FileSetupCache } from '../../../src/infrastructure/setup-cache/file-setup-cache';
import { QuietLog } from '../../support/quiet-log';

const root = mkdtempSync(join(tmpdir(), 'stagegate-setup-cache-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

let count = 0;
let state: string;
let cache: FileSetupCache;
beforeEach(() => {
  count += 1;
  state = join(root, `state-${count}`);
  cache = new FileSetupCache(state, new QuietLog());
});

const PLAN: SetupPlan = {
  project: 'web',
  folders: ['modules'],
  keyFiles: ['lock.json'],
  digest: 'd'.repeat(64),
  maxBytes: 1_000_000,
};
const TREE = '1'.repeat(40);

/** A fresh clone, as a run finds it. */
function freshClone(files: Readonly<Record<string, string>> = { 'lock.json': 'one' }): string {
  const dir = mkdtempSync(join(root, 'clone-'));
  write(dir, files);
  return dir;
}

function write(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

/** A run whose set-up makes these files. @returns why nothing is kept, or how it was restored. */
async function run(
  made: Readonly<Record<string, string>>,
  { plan = PLAN, treeOid = TREE, cwd = freshClone() } = {},
): Promise<string | null> {
  const pending = await cache.restore(plan, cwd);
  if (pending === 'restored') return 'restored';
  write(cwd, made);
  return pending.keep(treeOid);
}

async function restoredIn(plan = PLAN, cwd = freshClone()): Promise<string | null> {
  return (await cache.restore(plan, cwd)) === 'restored' ? cwd : null;
}

const MODULE = { 'modules/a/index.js': 'a' };

test('what a set-up has made is offered to others when its tree has landed, and not before', async () => {
  expect(await run(MODULE)).toBeNull();
  expect(await restoredIn()).toBeNull();
  await cache.offer('web', '2'.repeat(40));
  await cache.offer('api', TREE);
  expect(await restoredIn()).toBeNull();
  await cache.offer('web', TREE);
  const cwd = (await restoredIn()) ?? '';
  expect(readFileSync(join(cwd, 'modules/a/index.js'), 'utf8')).toBe('a');
});

test('what another tree has planted under the same key is never offered in its place', async () => {
  await run({ 'modules/a/index.js': 'evil' }, { treeOid: '2'.repeat(40) });
  await run(MODULE);
  await cache.offer('web', TREE);
  expect(readFileSync(join((await restoredIn()) ?? '', 'modules/a/index.js'), 'utf8')).toBe('a');
});

test('each run has a copy of its own, with links as links and modes as they were', async () => {
  const cwd = freshClone();
  const pending = await cache.restore(PLAN, cwd);
  if (pending === 'restored') throw new Error('expected nothing to be kept yet');
  write(cwd, { 'modules/.bin/tool.sh': '#!/bin/sh\n' });
  execFileSync('chmod', ['755', join(cwd, 'modules/.bin/tool.sh')]);
  symlinkSync('.bin/tool.sh', join(cwd, 'modules/tool'));
  expect(await pending.keep(TREE)).toBeNull();
  await cache.offer('web', TREE);
  const first = (await restoredIn()) ?? '';
  expect(
    execFileSync('sh', ['-c', 'stat -c "%A %h" modules/.bin/tool.sh; readlink modules/tool'], {
      cwd: first,
    }).toString(),
  ).toBe('-rwxr-xr-x 1\n.bin/tool.sh\n');
  writeFileSync(join(first, 'modules/.bin/tool.sh'), 'changed by a suite');
  expect(readFileSync(join((await restoredIn()) ?? '', 'modules/tool'), 'utf8')).toBe('#!/bin/sh\n');
});

describe('a key', () => {
  beforeEach(async () => {
    await run(MODULE);
    await cache.offer('web', TREE);
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
    await cache.offer('web', TREE);
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

describe('what a commit has where a folder is to be kept', () => {
  const plan = { ...PLAN, folders: ['deep/modules'] };
  const MADE = { 'deep/modules/a/index.js': 'a' };
  beforeEach(async () => {
    await run(MADE, { plan });
    await cache.offer('web', TREE);
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
      const pending = await cache.restore(plan, cwd);
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
    const pending = await cache.restore(PLAN, cwd);
    if (pending === 'restored') throw new Error('expected nothing to be kept yet');
    write(cwd, MODULE);
    writeFileSync(odd(join(cwd, 'modules'), 0xe9), 'odd');
    expect(await pending.keep(TREE)).toBeNull();
    await cache.offer('web', TREE);
    expect(readFileSync(odd(join((await restoredIn(PLAN, make())) ?? '', 'modules'), 0xe9), 'utf8')).toBe('odd');
  });

  test('are told from each other where a set-up writes them', async () => {
    const cwd = freshClone();
    for (const byte of [0xe8, 0xe9]) writeFileSync(odd(cwd, byte), '');
    const pending = await cache.restore(PLAN, cwd);
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
      'it wrote elsewhere too: a.txt, b.txt, c.txt and 1 more',
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
    const pending = await cache.restore(PLAN, cwd);
    if (pending === 'restored') throw new Error('expected nothing to be kept yet');
    write(cwd, MODULE);
    more(cwd);
    expect(await pending.keep(TREE)).toBe(why);
    await cache.offer('web', TREE);
    expect(await restoredIn()).toBeNull();
    expect(existsSync(join(state, 'setup-cache/web')) ? readdirSync(join(state, 'setup-cache/web')) : []).toEqual([]);
  });

  test('whose folder is part of the commit', async () => {
    const cwd = freshClone({ 'lock.json': 'one', 'modules/own.js': 'own' });
    expect(await run(MODULE, { cwd })).toBe('modules is part of the commit');
  });
});

test('what was not used for longest goes when there is no more room', async () => {
  const plan = { ...PLAN, maxBytes: 1_000 };
  const lock = (name: string) => ({ cwd: freshClone({ 'lock.json': name }), plan });
  for (const name of ['one', 'two']) {
    await run({ 'modules/a': 'x'.repeat(400) }, { ...lock(name), treeOid: name });
    await cache.offer('web', name);
  }
  expect(await restoredIn(plan, lock('one').cwd)).not.toBeNull();
  await run({ 'modules/a': 'x'.repeat(400) }, { ...lock('three'), treeOid: 'three' });
  await cache.offer('web', 'three');
  const kept = await Promise.all(['one', 'two', 'three'].map((name) => restoredIn(plan, lock(name).cwd)));
  expect(kept.map((cwd) => cwd !== null)).toEqual([true, false, true]);
});

test('a copy that is not whole any more is not used, and the set-up begins without it', async () => {
  await run({ ...MODULE, 'modules/b/index.js': 'b' });
  await cache.offer('web', TREE);
  const offered = join(state, 'setup-cache/web/offered');
  rmSync(join(offered, readdirSync(offered)[0] ?? '', 'files/modules/b'), { recursive: true });
  const cwd = freshClone();
  expect(await restoredIn(PLAN, cwd)).toBeNull();
  expect(readdirSync(cwd)).toEqual(['lock.json']);
  await run(MODULE);
  await cache.offer('web', TREE);
  expect(await restoredIn()).not.toBeNull();
});

test.each<readonly [string, (entry: string) => void]>([
  [
    'whose size is cut off',
    (entry) => {
      writeFileSync(join(entry, 'size.json'), '{"fi');
    },
  ],
  [
    'that has lost its files',
    (entry) => {
      rmSync(join(entry, 'files'), { recursive: true });
    },
  ],
])('a copy %s makes room for the next', async (_what, damage) => {
  await run(MODULE);
  await cache.offer('web', TREE);
  const offered = join(state, 'setup-cache/web/offered');
  damage(join(offered, readdirSync(offered)[0] ?? ''));
  expect(await run(MODULE)).toBeNull();
  await cache.offer('web', TREE);
  expect(await restoredIn()).not.toBeNull();
});

test('a set-up that cannot be copied is not kept, in the words of what copies', async () => {
  write(state, { 'setup-cache/web': 'in the way' });
  expect(await run(MODULE)).toMatch(/^it could not be copied: (?!Command failed)/);
  rmSync(join(state, 'setup-cache/web'));
  const cwd = freshClone();
  const pending = await cache.restore(PLAN, cwd);
  if (pending === 'restored') throw new Error('expected nothing to be kept yet');
  write(cwd, MODULE);
  const bin = join(cwd, '../bin');
  write(bin, { cp: '#!/bin/sh\necho "cp: no space left" >&2\nexit 1\n' });
  execFileSync('chmod', ['755', join(bin, 'cp')]);
  const path = process.env['PATH'];
  process.env['PATH'] = `${bin}:${path ?? ''}`;
  try {
    expect(await pending.keep(TREE)).toBe('it could not be copied: cp: no space left');
  } finally {
    process.env['PATH'] = path;
  }
});

test('a copy that cannot be brought into one clone is there for the next', async () => {
  await run(MODULE);
  await cache.offer('web', TREE);
  const cwd = freshClone({ 'lock.json': 'one' });
  const path = process.env['PATH'];
  process.env['PATH'] = cwd;
  try {
    expect(await restoredIn(PLAN, cwd)).toBeNull();
  } finally {
    process.env['PATH'] = path;
  }
  expect(await restoredIn()).not.toBeNull();
});
