import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bed, PLAN, TREE, freshClone, write, run, restoredIn, MODULE } from './cache-bed';

test('what a set-up has made is offered to others when its tree has landed, and not before', async () => {
  expect(await run(MODULE)).toBeNull();
  expect(await restoredIn()).toBeNull();
  await bed.cache.offer('web', '2'.repeat(40));
  await bed.cache.offer('api', TREE);
  expect(await restoredIn()).toBeNull();
  await bed.cache.offer('web', TREE);
  const cwd = (await restoredIn()) ?? '';
  expect(readFileSync(join(cwd, 'modules/a/index.js'), 'utf8')).toBe('a');
});

test('what another tree has planted under the same key is never offered in its place', async () => {
  await run({ 'modules/a/index.js': 'evil' }, { treeOid: '2'.repeat(40) });
  await run(MODULE);
  await bed.cache.offer('web', TREE);
  expect(readFileSync(join((await restoredIn()) ?? '', 'modules/a/index.js'), 'utf8')).toBe('a');
});

test('each run has a copy of its own, with links as links and modes as they were', async () => {
  const cwd = freshClone();
  const pending = await bed.cache.restore(PLAN, cwd);
  if (pending === 'restored') throw new Error('expected nothing to be kept yet');
  write(cwd, { 'modules/.bin/tool.sh': '#!/bin/sh\n' });
  execFileSync('chmod', ['755', join(cwd, 'modules/.bin/tool.sh')]);
  symlinkSync('.bin/tool.sh', join(cwd, 'modules/tool'));
  expect(await pending.keep(TREE)).toBeNull();
  await bed.cache.offer('web', TREE);
  const first = (await restoredIn()) ?? '';
  expect(
    execFileSync('sh', ['-c', 'stat -c "%A %h" modules/.bin/tool.sh; readlink modules/tool'], {
      cwd: first,
    }).toString(),
  ).toBe('-rwxr-xr-x 1\n.bin/tool.sh\n');
  writeFileSync(join(first, 'modules/.bin/tool.sh'), 'changed by a suite');
  expect(readFileSync(join((await restoredIn()) ?? '', 'modules/tool'), 'utf8')).toBe('#!/bin/sh\n');
});

test('what was not used for longest goes when there is no more room', async () => {
  const plan = { ...PLAN, maxBytes: 1_000 };
  const lock = (name: string) => ({ cwd: freshClone({ 'lock.json': name }), plan });
  for (const name of ['one', 'two']) {
    await run({ 'modules/a': 'x'.repeat(400) }, { ...lock(name), treeOid: name });
    await bed.cache.offer('web', name);
  }
  expect(await restoredIn(plan, lock('one').cwd)).not.toBeNull();
  await run({ 'modules/a': 'x'.repeat(400) }, { ...lock('three'), treeOid: 'three' });
  await bed.cache.offer('web', 'three');
  const kept = await Promise.all(['one', 'two', 'three'].map((name) => restoredIn(plan, lock(name).cwd)));
  expect(kept.map((cwd) => cwd !== null)).toEqual([true, false, true]);
});

test('a copy that is not whole any more is not used, and the set-up begins without it', async () => {
  await run({ ...MODULE, 'modules/b/index.js': 'b' });
  await bed.cache.offer('web', TREE);
  const offered = join(bed.state, 'setup-cache/web/offered');
  rmSync(join(offered, readdirSync(offered)[0] ?? '', 'files/modules/b'), { recursive: true });
  const cwd = freshClone();
  expect(await restoredIn(PLAN, cwd)).toBeNull();
  expect(readdirSync(cwd)).toEqual(['lock.json']);
  await run(MODULE);
  await bed.cache.offer('web', TREE);
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
  await bed.cache.offer('web', TREE);
  const offered = join(bed.state, 'setup-cache/web/offered');
  damage(join(offered, readdirSync(offered)[0] ?? ''));
  expect(await run(MODULE)).toBeNull();
  await bed.cache.offer('web', TREE);
  expect(await restoredIn()).not.toBeNull();
});

test('a set-up that cannot be copied is not kept, in the words of what copies', async () => {
  write(bed.state, { 'setup-cache/web': 'in the way' });
  expect(await run(MODULE)).toMatch(/^it could not be copied: (?!Command failed)/);
  rmSync(join(bed.state, 'setup-cache/web'));
  const cwd = freshClone();
  const pending = await bed.cache.restore(PLAN, cwd);
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
  await bed.cache.offer('web', TREE);
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
