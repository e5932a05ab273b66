import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Landing, LandingOutcome } from '../../../../src/application/ports/git-workspace';
import { Git } from '../../../../src/infrastructure/git/command/git-command';
import { rounds } from '../../../support/rounds';
import { codeOf, GitBed, LOG, TASK } from '../git-bed';

const LANDED = 'refs/stagegate/landed/web/T-1';
/** Each landing of one makes the others begin anew, so that the work grows with the square. */
const PROJECTS = rounds(8, 4);
const GRANTS = rounds(10, 5);

let bed: GitBed;
let landing: Landing;
beforeEach(async () => {
  ({ bed, landing } = await GitBed.withLanding());
});
afterEach(() => {
  bed.dispose();
});

const land = (given = landing) => bed.workspace.land(bed.repository(), given);

describe('a landing', () => {
  test('moves main to the candidate and records it, with a reason in both reflogs; the branch stays', async () => {
    expect(await land()).toEqual({ kind: 'landed' });
    expect(bed.head('main')).toBe(landing.newOid);
    expect(bed.ref(LANDED)).toBe(landing.newOid);
    expect(bed.head('feature')).toBe(landing.headOid);
    for (const ref of ['main', LANDED])
      expect(bed.git(['reflog', '--format=%gs', '-1', ref], bed.dir)).toBe('stagegate: land web.T-1 claim 7');
    const said = ['fsck --strict --no-dangling', 'gc --quiet'].map((args) =>
      execFileSync('sh', ['-c', `git ${args} 2>&1`], { cwd: bed.dir, encoding: 'utf8' }),
    );
    expect(said).toEqual(['', '']);
    expect(bed.locks()).toEqual([]);
  });

  test('of the head itself needs nothing from the own clone', async () => {
    bed.commit('current', { 'current.txt': 'current\n' }, 'main');
    const current = await bed.candidate('current', { epoch: '2' });
    expect(current.newOid).toBe(current.headOid);
    expect(await land(current)).toEqual({ kind: 'landed' });
    expect(bed.head('main')).toBe(current.headOid);
  });

  test('works in a repository with a work tree that has another branch checked out', async () => {
    bed.git(['switch', '--quiet', 'feature']);
    const repository = bed.repository('web', bed.work);
    const lease = await bed.workspace.takeEpoch(repository, { task: TASK, epoch: '1', log: LOG });
    expect(await bed.workspace.land(repository, { ...landing, lease })).toEqual({ kind: 'landed' });
    expect(bed.head('main', bed.work)).toBe(landing.newOid);
    expect(bed.git(['status', '--porcelain'])).toBe('');
  });

  test('of many files is brought as one pack, and of a few as files: neither leaves anything else behind', async () => {
    const names = () => readdirSync(join(bed.dir, 'objects'), { recursive: true, encoding: 'utf8' });
    const packs = () => names().filter((name) => name.endsWith('.pack')).length;
    const before = packs();
    await land();
    expect(packs()).toBe(before);
    // Both sides have changed each of the folders, which makes as many that neither side has.
    const inEach = (name: string) =>
      Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`in-${index}/${name}`, `${index}\n`]));
    bed.push('main', inEach('a'));
    bed.push('wide', inEach('b'), 'main');
    bed.push('main', inEach('c'));
    const packed = packs();
    const wide = await bed.candidate('wide', { task: 'web.T-2', epoch: '2' });
    expect(await land(wide)).toEqual({ kind: 'landed' });
    expect(packs()).toBe(packed + 1);
    expect(names().filter((name) => /tmp|\.keep$/.test(name))).toEqual([]);
    expect(bed.git(['fsck', '--strict', '--no-dangling'], bed.dir)).toBe('');
  });

  test('repeated is landed, and moves nothing again', async () => {
    await land();
    const later = bed.git(['commit-tree', 'main^{tree}', '-p', 'main', '-m', 'later'], bed.dir);
    bed.git(['update-ref', 'refs/heads/main', later], bed.dir);
    expect(await land()).toEqual({ kind: 'landed' });
    expect(bed.head('main')).toBe(later);
  });
});

describe('a landing is refused, and nothing changes,', () => {
  const refused: readonly [string, (bed: GitBed) => Promise<void> | void, LandingOutcome['kind']][] = [
    [
      'when main has moved',
      (b) => {
        const other = b.git(['commit-tree', 'main^{tree}', '-p', 'main', '-m', 'other'], b.dir);
        b.git(['update-ref', 'refs/heads/main', other], b.dir);
      },
      'main-moved',
    ],
    [
      'when the branch has moved',
      (b) => b.git(['update-ref', 'refs/heads/feature', 'main'], b.dir) as never,
      'head-moved',
    ],
    ['when the branch is gone', (b) => b.git(['update-ref', '-d', 'refs/heads/feature'], b.dir) as never, 'head-moved'],
    [
      'when the lane was granted anew',
      async (b) => {
        await b.workspace.takeEpoch(b.repository(), { task: 'web.T-2', epoch: '2', log: LOG });
      },
      'epoch-lost',
    ],
    ['while a ref is locked', (b) => b.plantLock('refs/heads/main', { ageMs: 1_000 }) as never, 'lock-busy'],
    ['while the record is locked', (b) => b.plantLock(LANDED, { ageMs: 1_000 }) as never, 'lock-busy'],
  ];

  test.each(refused)('%s', async (_when, interfere, kind) => {
    await interfere(bed);
    const before = bed.refs();
    expect((await land()).kind).toBe(kind);
    expect(bed.refs()).toBe(before);
    expect(bed.ref(LANDED)).toBeNull();
  });

  test('when the candidate is not on top of main: git itself would rewind', async () => {
    const rewound = bed.git(['rev-parse', `${landing.baseOid}~1`], bed.own());
    const before = bed.refs();
    expect(await codeOf(land({ ...landing, newOid: rewound }))).toBe('GIT_FAILED');
    expect(bed.refs()).toBe(before);
  });

  test('when the task has landed another candidate before, also after its refs were packed', async () => {
    await land();
    bed.git(['pack-refs', '--all'], bed.dir);
    const before = bed.refs();
    const commit = ['commit-tree', `${landing.newOid}^{tree}`, '-p', landing.newOid, '-m', 'second'];
    const second = { ...landing, baseOid: landing.newOid, newOid: bed.git(commit, bed.own()) };
    expect(await codeOf(land(second))).toBe('GIT_LANDED_BEFORE');
    await expect(land(second)).rejects.toThrow(`${LANDED} in ${bed.dir}: expected none or ${second.newOid}`);
    expect(bed.refs()).toBe(before);
  });

  test('for what no waiting helps against: that is no lock', async () => {
    // A ref of a task cannot lie below another task's: git refuses to make it.
    bed.git(['update-ref', `${LANDED}/x`, 'main'], bed.dir);
    await expect(land()).rejects.toThrow(/git update-ref .*cannot create/);
    expect(bed.head('main')).toBe(landing.baseOid);
  });

  test('when the target cannot be written to', async () => {
    bed.fakeGit(
      `case " $* " in *" update-ref --stdin "*) echo "fatal: cannot lock ref 'refs/heads/main': Unable to create 'x.lock': Permission denied" >&2; exit 128;; esac; exec "$REAL_GIT" "$@"`,
    );
    expect(await codeOf(land())).toBe('GIT_FAILED');
    bed.realGit();
    expect(await land()).toEqual({ kind: 'landed' });
  });
});

describe('the lane’s epoch', () => {
  const take = (epoch: string, log = LOG, task = TASK) =>
    bed.workspace.takeEpoch(bed.repository(), { task, epoch, log });

  test('is taken by a newer grant only, and taking it twice is taking it once', async () => {
    const first = await take('1');
    expect(bed.ref(first.ref)).toBe(first.oid);
    const third = await take('3');
    expect(await take('3')).toEqual(third);
    const second = await take('2', LOG, 'web.T-2');
    expect(second.oid).not.toBe(third.oid);
    expect(bed.ref(first.ref)).toBe(third.oid);
    // Numbers, not texts.
    expect(bed.ref((await take('10')).ref)).not.toBe(third.oid);
  });

  test('of another log is another one: a log that is begun anew is not shut out by what came before', async () => {
    const old = await take('40');
    const lease = await take('1', 'fedcba');
    expect(bed.ref(old.ref)).toBe(old.oid);
    expect(await land({ ...landing, lease })).toEqual({ kind: 'landed' });
  });

  test(`taken by ${GRANTS} at once ends with the newest`, async () => {
    const epochs = Array.from({ length: GRANTS }, (_, index) => String(index + 1));
    const leases = await Promise.allSettled(epochs.map((epoch) => take(epoch)));
    // Who lost to a lock says so and may try again.
    const lost = leases.flatMap((lease) => (lease.status === 'rejected' ? [lease.reason as { code: string }] : []));
    expect(lost.filter(({ code }) => code !== 'GIT_LOCKED')).toEqual([]);
    const newest = await take(String(GRANTS));
    expect(bed.ref(newest.ref)).toBe(newest.oid);
    expect(bed.locks()).toEqual([]);
  });

  test('gets past the lock that a killed landing left, and waits for a fresh one', async () => {
    const { ref } = await take('1');
    const fresh = bed.plantLock(ref, { ageMs: 1_000 });
    expect(await codeOf(take('2'))).toBe('GIT_LOCKED');
    rmSync(fresh);
    bed.plantLock(ref);
    expect(bed.ref(ref)).not.toBe((await take('2')).oid.replace(/./, 'x'));
    expect(bed.locks()).toEqual([]);
  });

  test('that is no lease is an error that names the ref', async () => {
    const { ref } = await take('1');
    for (const text of ['nonsense', '{"task":"x"}', '{"task":"x","epoch":"one"}']) {
      const blob = bed.plant(join(bed.root, 'blob'), text);
      bed.git(['update-ref', ref, bed.git(['hash-object', '-w', blob], bed.dir)], bed.dir);
      await expect(take('2')).rejects.toThrow(`${ref} in ${bed.dir}: expected a lane's lease`);
    }
  });
});

test(`${PROJECTS} projects that land on one main at once each land once, and main only goes forward`, async () => {
  const projects = Array.from({ length: PROJECTS }, (_, index) => `p${index}`);
  const start = bed.head('main') ?? '';
  await Promise.all(projects.map((project) => landUntilLanded(project)));
  const log = bed.git(['log', '--reverse', '--format=%H', `${start}..main`], bed.dir).split('\n');
  expect(log).toHaveLength(PROJECTS);
  expect([...log].sort()).toEqual(projects.map((project) => bed.ref(`refs/stagegate/landed/${project}/T`)).sort());
  expect(bed.git(['reflog', '--format=%H', 'main'], bed.dir).split('\n').reverse().slice(-PROJECTS)).toEqual(log);
  expect(bed.locks()).toEqual([]);
}, 120_000);

/** Makes a candidate on whatever main is and tries to land it, until one lands. */
async function landUntilLanded(project: string): Promise<void> {
  const [repository, task] = [bed.repository(project), `${project}.T`];
  const { headOid } = await bed.workspace.fetch(repository, task, 'feature');
  const lease = await bed.workspace.takeEpoch(repository, { task, epoch: '1', log: LOG });
  for (;;) {
    const baseOid = (await bed.workspace.fetch(repository, task, 'feature')).baseOid;
    const commit = ['commit-tree', `${headOid}^{tree}`, '-p', baseOid, '-m', project];
    const newOid = await new Git().text(commit, { cwd: bed.own(project) });
    const attempt = { task, branch: 'feature', headOid, newOid, baseOid, lease, claimRevision: '1' };
    const { kind } = await bed.workspace.land(repository, attempt);
    if (kind === 'landed') return;
    expect(['main-moved', 'lock-busy']).toContain(kind);
  }
}

test('artifacts are kept under their own ref: the same content once, another one on top of it or beside it', async () => {
  const ref = 'refs/stagegate/artifacts/web/T-1';
  const publish = (text: string) =>
    bed.workspace.publishArtifacts(
      bed.repository(),
      TASK,
      new Map([
        ['15-staging-log.md', text],
        ['12-review.md', 'r'],
      ]),
    );
  await publish('one');
  const first = bed.ref(ref);
  await publish('one');
  expect(bed.ref(ref)).toBe(first);
  await publish('two');
  expect(bed.git(['log', '--format=%s', ref], bed.dir).split('\n')).toEqual([
    'artifacts of web.T-1',
    'artifacts of web.T-1',
  ]);
  expect(bed.git(['rev-parse', `${ref}~1`], bed.dir)).toBe(first);
  expect(bed.git(['ls-tree', '--name-only', ref], bed.dir).split('\n')).toEqual(['12-review.md', '15-staging-log.md']);
  expect(bed.git(['show', `${ref}:15-staging-log.md`], bed.dir)).toBe('two');
  const one = (name: string) => bed.workspace.publishArtifacts(bed.repository(), TASK, new Map([[name, name]]));
  await Promise.all([one('01-analysis.md'), one('02-plan.md'), one('03-notes.md')]);
  expect(bed.git(['ls-tree', '--name-only', ref], bed.dir).split('\n')).toEqual([
    '01-analysis.md',
    '02-plan.md',
    '03-notes.md',
    '12-review.md',
    '15-staging-log.md',
  ]);
  bed.plantLock(ref);
  await publish('three');
  expect(bed.locks()).toEqual([]);
  const odd = bed.workspace.publishArtifacts(bed.repository(), TASK, new Map([['../x', 'text']]));
  expect(await codeOf(odd)).toBe('GIT_FAILED');
});
