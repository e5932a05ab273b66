import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { damageIn } from '../../../src/infrastructure/git/own-clone/clone-damage';
import { Git } from '../../../src/infrastructure/git/command/git-command';
import { codeOf, GitBed, TASK, until } from './git-bed';

const OTHERS = 100;

let bed: GitBed;
let head: string;
beforeEach(async () => {
  bed = new GitBed();
  head = bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
  await bed.workspace.fetch(bed.repository(), TASK, 'feature');
});
afterEach(() => {
  bed.dispose();
});

const isOther = (task: string) => Promise.resolve(task !== TASK);
const keepUp = (isFinal = isOther, signal = new AbortController().signal) =>
  bed.workspace.keepUp(bed.repository(), { isFinal, signal });
const inOwn = (...args: string[]) => bed.git(args, bed.own());
const refs = () => inOwn('for-each-ref', '--format=%(refname)').split('\n').filter(Boolean);
const counted = () =>
  Object.fromEntries(
    inOwn('count-objects', '-v')
      .split('\n')
      .map((line): [string, string] => [line.split(':')[0] ?? '', line.split(': ')[1] ?? '']),
  );
const OWN_REFS = ['refs/stagegate/base/web/T-1', 'refs/stagegate/in/web/T-1'];

/** What so many tasks leave behind, each with a commit of its own. */
function gather(tasks = OTHERS): void {
  for (let index = 0; index < tasks; index += 1) {
    const oid = inOwn('commit-tree', `${head}^{tree}`, '-p', head, '-m', `task ${index}`);
    bed.plant(join(bed.own(), 'refs/stagegate/in/web', `other-${index}`), `${oid}\n`);
  }
}

async function expectWhole(): Promise<void> {
  expect(await damageIn(new Git(), bed.own(), 60_000)).toBeNull();
  const run = await bed.workspace.disposableClone(bed.repository(), {
    oid: head,
    baseOid: head,
    depth: 1,
    name: 'run',
  });
  expect(readdirSync(run.dir)).toContain('feature.txt');
  await run.dispose();
}

test('a clone that has gathered much forgets final tasks, and nothing else, and is two packs then', async () => {
  gather();
  const open = (task: string) => Promise.resolve(task !== TASK && task !== 'web.other-7');
  await keepUp(open);
  expect(refs()).toEqual([OWN_REFS[0], OWN_REFS[1], 'refs/stagegate/in/web/other-7'].sort());
  expect(counted()).toMatchObject({ count: '0', packs: '2', garbage: '0' });
  expect(readdirSync(bed.own()).sort()).toEqual(['HEAD', 'config', 'objects', 'packed-refs', 'refs']);
  await expectWhole();
  await expect(bed.workspace.fetch(bed.repository(), TASK, 'feature')).resolves.toMatchObject({ headOid: head });
});

test('a clone that has gathered little is left as it is', async () => {
  gather(OTHERS - 2);
  const [before, objects] = [refs(), counted()];
  await keepUp();
  expect([refs(), counted()]).toEqual([before, objects]);
});

test('a project that never had a clone gets none', async () => {
  await bed.workspace.keepUp(bed.repository('other'), { isFinal: isOther, signal: new AbortController().signal });
  expect(existsSync(bed.own('other'))).toBe(false);
});

test('where a ref moves meanwhile none is forgotten, and all are the next time', async () => {
  gather();
  let hasMoved = false;
  await keepUp((task) => {
    if (!hasMoved) bed.plant(join(bed.own(), 'refs/stagegate/in/web/other-3'), `${head}\n`);
    hasMoved = true;
    return isOther(task);
  });
  expect(refs()).toHaveLength(OTHERS + 2);
  gather();
  await keepUp();
  expect(refs()).toEqual(OWN_REFS);
});

test('what nobody names is kept while a job may be about to, and goes after that', async () => {
  const store = (text: string) => inOwn('hash-object', '-w', bed.plant(join(bed.root, text), text));
  const young = store('young');
  const old = store('old');
  const loose = join(bed.own(), 'objects', old.slice(0, 2), old.slice(2));
  const at = Date.now() / 1000 - 3 * 3600;
  utimesSync(loose, at, at);
  gather();
  await keepUp();
  expect(inOwn('cat-file', '-p', young)).toBe('young');
  expect(() => inOwn('cat-file', '-e', old)).toThrow();
});

test('jobs beside it, and a second one of another process, find everything all the time', async () => {
  gather();
  const job = async (index: number) => {
    const run = await bed.workspace.disposableClone(bed.repository(), {
      oid: head,
      baseOid: head,
      depth: 'full',
      name: `run-${index}`,
    });
    await bed.workspace.fetch(bed.repository(), `web.job-${index}`, 'feature');
    await run.dispose();
  };
  await Promise.all([keepUp(), keepUp(), ...Array.from({ length: 8 }, (_, index) => job(index))]);
  await expectWhole();
});

test('where somebody is at it nobody else begins, unless that one cannot be alive any more', async () => {
  gather();
  const before = refs();
  bed.plant(join(bed.own(), 'upkeep-under-way'), '');
  bed.age('upkeep-under-way', { dir: bed.own(), ageMs: 25 * 60_000 });
  await keepUp();
  expect(refs()).toEqual(before);
  bed.age('upkeep-under-way', { dir: bed.own(), ageMs: 31 * 60_000 });
  await keepUp();
  expect(refs()).toEqual(OWN_REFS);
  expect(readdirSync(bed.own())).not.toContain('upkeep-under-way');
});

test('of two at once one packs', async () => {
  gather();
  const [packing, go] = [join(bed.root, 'packing'), join(bed.root, 'go')];
  bed.fakeGit(
    `case " $* " in *" repack "*) echo >> ${packing}; while [ ! -e ${go} ]; do sleep 0.05; done;; esac; exec "$REAL_GIT" "$@"`,
  );
  const first = keepUp();
  await until(() => existsSync(packing));
  await keepUp();
  bed.plant(go, '');
  await first;
  expect(readFileSync(packing, 'utf8')).toBe('\n');
});

test.each(['update-ref', 'pack-refs', 'repack', 'pack-objects'])(
  'a kill in %s leaves a clone that works, and the next one ends what was begun',
  async (command) => {
    gather();
    // As a machine that goes down: the command gets half way, and nothing after it is done.
    bed.fakeGit(
      `case " $* " in *" ${command} "*) timeout -s KILL 0.01 "$REAL_GIT" "$@"; kill -9 $$;; esac; exec "$REAL_GIT" "$@"`,
    );
    await keepUp().catch(() => undefined);
    bed.realGit();
    for (const lock of bed.locks(bed.own())) bed.age(lock, { dir: bed.own() });
    await expectWhole();
    gather();
    await keepUp();
    expect(refs()).toEqual(OWN_REFS);
    expect(counted()).toMatchObject({ count: '0' });
    // Parts of packs stay until nobody can be writing them.
    const names = readdirSync(join(bed.own(), 'objects/pack'));
    expect(names.filter((name) => /^pack-.*\.pack$/.test(name))).toHaveLength(2);
  },
);

test('a list of refs that a killed git has begun does not keep the next one from its work', async () => {
  gather();
  bed.plant(join(bed.own(), 'packed-refs.new'), '# pack-refs');
  bed.plantLock('packed-refs', { dir: bed.own() });
  await keepUp();
  expect(refs()).toEqual(OWN_REFS);
  expect(readdirSync(bed.own())).not.toContain('packed-refs.new');
});

test('parts that a killed git has left are removed when nobody can be writing them', async () => {
  const pack = join(bed.own(), 'objects/pack');
  for (const name of ['tmp_pack_old', '.tmp-7-pack-old', 'tmp_pack_young']) bed.plant(join(pack, name), 'part');
  for (const name of ['tmp_pack_old', '.tmp-7-pack-old']) bed.age(name, { dir: pack, ageMs: 3 * 3_600_000 });
  gather();
  await keepUp();
  expect(readdirSync(pack).filter((name) => name.includes('tmp'))).toEqual(['tmp_pack_young']);
});

test('told to stop, it ends at once, and the clone stays', async () => {
  gather();
  const there = join(bed.root, 'there');
  bed.fakeGit(`case " $* " in *" repack "*) touch '${there}'; exec sleep 60;; esac; exec "$REAL_GIT" "$@"`);
  const stopping = new AbortController();
  const ended = codeOf(keepUp(isOther, stopping.signal));
  await until(() => bed.exists(there));
  stopping.abort();
  expect(await ended).toBe('GIT_TIMEOUT');
  bed.realGit();
  await expectWhole();
});
