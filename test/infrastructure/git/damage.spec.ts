import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { damageIn } from '../../../src/infrastructure/git/own-clone/clone-damage';
import { Git } from '../../../src/infrastructure/git/command/git-command';
import { codeOf, GitBed, TASK } from './git-bed';

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
  bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
});
afterEach(() => {
  bed.dispose();
});

const fetch = () => bed.workspace.fetch(bed.repository(), TASK, 'feature');
const clone = (oid: string) =>
  bed.workspace.disposableClone(bed.repository(), { oid, baseOid: bed.head('main') ?? '', depth: 1, name: 'run' });
const looseFile = (oid: string) => join(bed.own(), 'objects', oid.slice(0, 2), oid.slice(2));
const damage = () => damageIn(new Git(), bed.own(), 60_000);

function spoil(path: string, how: (path: string) => void): void {
  chmodSync(path, 0o644);
  how(path);
}
const garbled = (path: string) => {
  writeFileSync(path, 'garbage');
};

/** What a disk, a crash or somebody with a shell leaves. Each is given the own clone and the branch's commit. */
const DAMAGE: readonly (readonly [string, (own: string, head: string) => void])[] = [
  [
    'a commit that is empty',
    (_own, head) => {
      spoil(looseFile(head), (path) => {
        truncateSync(path);
      });
    },
  ],
  [
    'a commit that is garbage',
    (_own, head) => {
      spoil(looseFile(head), garbled);
    },
  ],
  [
    'a commit that is gone',
    (_own, head) => {
      rmSync(looseFile(head));
    },
  ],
  [
    'a ref that is garbage',
    (own) => {
      writeFileSync(join(own, 'refs/stagegate/in/web/T-1'), 'garbage');
    },
  ],
  [
    'a ref that is empty',
    (own) => {
      writeFileSync(join(own, 'refs/stagegate/base/web/T-1'), '');
    },
  ],
  [
    'no objects',
    (own) => {
      rmSync(join(own, 'objects'), { recursive: true });
    },
  ],
  [
    'no refs',
    (own) => {
      rmSync(join(own, 'refs'), { recursive: true });
    },
  ],
  [
    'no HEAD',
    (own) => {
      rmSync(join(own, 'HEAD'));
    },
  ],
  [
    'a folder where a file has to be',
    (own) => {
      rmSync(join(own, 'config'));
      mkdirSync(join(own, 'config'));
    },
  ],
  [
    'a file where the clone has to be',
    (own) => {
      rmSync(own, { recursive: true });
      writeFileSync(own, '');
    },
  ],
  [
    'nothing at all in it',
    (own) => {
      rmSync(own, { recursive: true });
      mkdirSync(own);
    },
  ],
];

test.each(DAMAGE)('%s: the next fetch makes the clone anew', async (_what, cause) => {
  const { headOid } = await fetch();
  cause(bed.own(), headOid);
  expect(await fetch()).toMatchObject({ headOid });
  expect(await damage()).toBeNull();
  expect(readdirSync(join(bed.state, 'repos'))).toEqual(['web.git']);
  await (await clone(headOid)).dispose();
});

test('an object that only a run needs: its run says so, and the next try has all it needs', async () => {
  const { headOid } = await fetch();
  spoil(looseFile(bed.git(['rev-parse', 'feature:feature.txt'])), garbled);
  expect(await damage()).toMatch(/garbage|corrupt|inflate|unable/);
  expect(await codeOf(clone(headOid))).toBe('GIT_CLONE_DAMAGED');
  await fetch();
  await (await clone(headOid)).dispose();
});

test('a pack that was cut short is mended by what the next fetches and runs come upon', async () => {
  const { headOid } = await fetch();
  bed.pack([bed.own()]);
  const packs = join(bed.own(), 'objects/pack');
  for (const name of readdirSync(packs).filter((file) => file.endsWith('.pack')))
    spoil(join(packs, name), (path) => {
      truncateSync(path, 60);
    });
  expect(await damage()).toMatch(/pack/);
  // Git may help itself by fetching what it cannot read any more; then nothing is in the way of a run.
  await fetch();
  const code = await codeOf(clone(headOid));
  expect(code).toMatch(/^resolved|^GIT_CLONE_DAMAGED$/);
  expect(await fetch()).toMatchObject({ headOid });
  await (await clone(headOid)).dispose();
});

test.each([
  ['an old mode', '0100644 odd.txt'],
  ['a folder as a file', '100644 odd.txt'],
])('an object that git itself would not have made is no damage: %s', async (_what, entry) => {
  const oid = bed.git(['rev-parse', entry.startsWith('0') ? 'feature:feature.txt' : 'feature^{tree}']);
  bed.git(['fetch', '--quiet', bed.work, 'feature'], bed.dir);
  const raw = join(bed.root, 'tree');
  writeFileSync(raw, Buffer.concat([Buffer.from(`${entry}\0`), Buffer.from(oid, 'hex')]));
  const tree = bed.git(['hash-object', '-t', 'tree', '-w', '--literally', raw], bed.dir);
  const commit = bed.git(['commit-tree', tree, '-p', bed.head('main') ?? '', '-m', 'odd'], bed.dir);
  bed.git(['update-ref', 'refs/heads/feature', commit], bed.dir);
  expect(await codeOf(fetch())).toMatch(/^resolved|^GIT_BRANCH_UNUSABLE$/);
  expect(await damage()).toBeNull();
});

test('a failure that is not the clone’s fault stays what it is, and the clone stays', async () => {
  const { headOid, baseOid } = await fetch();
  const marker = bed.plant(join(bed.own(), 'marker'), '');
  const rebase = { task: TASK, branch: 'feature', headOid: '1'.repeat(40), baseOid };
  expect(await codeOf(bed.workspace.rebase(bed.repository(), rebase))).toBe('GIT_FAILED');
  renameSync(bed.dir, `${bed.dir}.away`);
  expect(await codeOf(fetch())).toBe('GIT_NOT_A_REPOSITORY');
  renameSync(`${bed.dir}.away`, bed.dir);
  expect(bed.exists(marker)).toBe(true);
  expect(await fetch()).toMatchObject({ headOid });
});

describe('a candidate that went with its clone', () => {
  test('cannot land; nothing is moved', async () => {
    const { bed: ready, landing } = await GitBed.withLanding();
    rmSync(ready.own(), { recursive: true });
    const main = ready.head('main');
    expect(await ready.workspace.land(ready.repository(), landing)).toEqual({ kind: 'candidate-lost' });
    expect(ready.head('main')).toBe(main);
    ready.dispose();
  });

  test('has landed all the same, where it has', async () => {
    const { bed: ready, landing } = await GitBed.withLanding();
    expect(await ready.workspace.land(ready.repository(), landing)).toEqual({ kind: 'landed' });
    rmSync(ready.own(), { recursive: true });
    expect(await ready.workspace.land(ready.repository(), landing)).toEqual({ kind: 'landed' });
    ready.dispose();
  });
});
