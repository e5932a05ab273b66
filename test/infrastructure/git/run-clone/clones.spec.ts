import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { LocalGitWorkspace } from '../../../../src/infrastructure/git/local-git-workspace';
import { removeTree } from '../../../../src/infrastructure/git/run-clone/work-folders';
import { testWherePossible } from '../../../support/test-where-possible';
import { codeOf, GitBed, TASK, until } from '../git-bed';

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
});
afterEach(() => {
  bed.dispose();
});

const filesBelow = (dir: string): readonly string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

async function feature(): Promise<string> {
  bed.commit('feature', { 'feature.txt': 'one\n' }, 'main');
  const oid = bed.commit('feature', { 'feature.txt': 'two\n' });
  await bed.workspace.fetch(bed.repository(), TASK, 'feature');
  return oid;
}

const clone = (oid: string, depth: 'full' | number, name = 'run-1') =>
  bed.workspace.disposableClone(bed.repository(), { oid, baseOid: bed.head('main') ?? '', depth, name });

/** Beside the folder for temporary files, a place that nothing can be moved to from there. */
const ELSEWHERE = '/dev/shm';
const NO_ELSEWHERE =
  existsSync(ELSEWHERE) && statSync(ELSEWHERE).dev !== statSync(tmpdir()).dev
    ? null
    : `expected ${ELSEWHERE} on a file system of its own, saw none`;

describe('a disposable clone', () => {
  testWherePossible(NO_ELSEWHERE, 'may be on another file system than target and own clone', async () => {
    const oid = await feature();
    bed.git(['tag', '-a', '-m', 'annotated', 'v1.0', 'main'], bed.dir);
    const place = mkdtempSync(join(ELSEWHERE, 'stagegate-clones-'));
    try {
      const target = join(place, 'target.git');
      bed.git(['clone', '--quiet', '--bare', bed.dir, target]);
      const repository = bed.repository('web', target);
      // As that of `land`, whose runs get their folders among temporary files.
      const workspace = new LocalGitWorkspace({ stateDir: join(place, '.git/state'), worker: 'host/boot/pid/2/2' });
      await workspace.fetch(repository, TASK, 'feature');
      for (const depth of ['full', 1, 2] as const) {
        const given = { oid, baseOid: bed.head('main') ?? '', depth, name: `run-${depth}` };
        const made = await workspace.disposableClone(repository, given);
        const { dir } = made;
        expect(statSync(dir).dev).not.toBe(statSync(place).dev);
        expect(readFileSync(join(dir, 'feature.txt'), 'utf8')).toBe('two\n');
        if (depth === 'full') expect(bed.git(['describe', '--abbrev=0'], dir)).toBe('v1.0');
        await made.dispose();
      }
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });

  test('is at the exact commit, detached, and as deep as asked for', async () => {
    const oid = await feature();
    const shallow = await clone(oid, 1);
    expect(bed.git(['rev-parse', 'HEAD'], shallow.dir)).toBe(oid);
    expect(bed.git(['rev-list', '--count', 'HEAD'], shallow.dir)).toBe('1');
    expect(bed.git(['status', '--porcelain', '--branch'], shallow.dir)).toBe('## HEAD (no branch)');
    expect(readFileSync(join(shallow.dir, 'feature.txt'), 'utf8')).toBe('two\n');
    const full = await clone(oid, 'full', 'run-2');
    expect(bed.git(['rev-list', '--count', 'HEAD'], full.dir)).toBe('3');
    const deeper = await clone(oid, 2, 'run-3');
    expect(bed.git(['rev-list', '--count', 'HEAD'], deeper.dir)).toBe('2');
    for (const { dir } of [shallow, full, deeper]) expect(bed.git(['fsck', '--full', '--strict'], dir)).toBe('');
  });

  test('knows no path back: no remote, no alternate, no setting, no file that names the own clone or the target', async () => {
    const { dir } = await clone(await feature(), 'full');
    expect(bed.git(['config', '--local', '--list', '--name-only'], dir).split('\n').sort()).toEqual([
      'core.bare',
      'core.filemode',
      'core.repositoryformatversion',
    ]);
    expect(bed.git(['remote'], dir)).toBe('');
    const telling = filesBelow(join(dir, '.git')).filter((path) => {
      const text = readFileSync(path, 'latin1');
      return text.includes(bed.own()) || text.includes(bed.dir) || text.includes('file://');
    });
    expect(telling).toEqual([]);
    expect(bed.exists(dir, '.git', 'hooks')).toBe(false);
  });

  test('has main by both of its names and the tags of its history, and no others', async () => {
    const fork = bed.head('main') ?? '';
    bed.git(['tag', 'light', fork], bed.dir);
    bed.git(['tag', '-a', '-m', 'signed or not', 'v1.0', fork], bed.dir);
    bed.git(['tag', '-a', '-m', 'a tag of a tag', 'twice', 'v1.0'], bed.dir);
    bed.git(['tag', 'tree', `${fork}^{tree}`], bed.dir);
    const oid = await feature();
    bed.git(['tag', '-a', '-m', 'of the branch', 'mine', oid], bed.dir);
    bed.commit('other', { 'other.txt': 'other\n' }, 'main');
    bed.git(['tag', 'elsewhere', 'other'], bed.dir);
    const { dir } = await clone(oid, 'full');
    const names = (cwd: string, pattern: string) =>
      bed.git(['for-each-ref', '--format=%(refname:short)', pattern], cwd);
    expect(names(dir, 'refs/tags').split('\n')).toEqual(['light', 'mine', 'twice', 'v1.0']);
    expect(bed.git(['describe', `${oid}^`], dir)).toMatch(/^(?:v1\.0|twice)-1-g/);
    expect(bed.git(['diff', '--name-only', 'main...'], dir)).toBe('feature.txt');
    expect(bed.git(['rev-parse', 'origin/main'], dir)).toBe(fork);
    expect(bed.git(['fsck', '--full', '--strict'], dir)).toBe('');
  });

  test('has the tags of main where its commit is one that the target does not know, and main where that has gone on', async () => {
    bed.git(['tag', '-a', '-m', 'one', 'v1.0', 'main'], bed.dir);
    bed.commit('feature', { 'feature.txt': 'one\n' }, 'main');
    const main = bed.commit('main', { 'later.txt': 'later\n' });
    const { newOid, headOid } = await bed.candidate('feature');
    const retest = await clone(newOid, 'full');
    expect(bed.git(['describe', 'HEAD'], retest.dir)).toMatch(/^v1\.0-2-g/);
    const behind = await clone(headOid, 'full', 'run-2');
    expect(bed.git(['rev-parse', 'main'], behind.dir)).toBe(main);
    expect(bed.git(['rev-list', '--count', 'HEAD..main'], behind.dir)).toBe('1');
  });

  test('that is overwritten file by file leaves the own clone and the target whole', async () => {
    const oid = await feature();
    bed.git(['tag', '-a', '-m', 'one', 'v1.0', 'main'], bed.dir);
    const { dir } = await clone(oid, 'full');
    const files = filesBelow(dir);
    expect(files.filter((path) => lstatSync(path).nlink > 1)).toEqual([]);
    for (const path of files) {
      chmodSync(path, 0o644);
      writeFileSync(path, 'not yours');
    }
    for (const place of [bed.own(), bed.dir]) expect(bed.git(['fsck', '--full', '--strict'], place)).toBe('');
    expect(bed.git(['rev-parse', 'HEAD'], (await clone(oid, 'full', 'run-2')).dir)).toBe(oid);
  });

  test('is the suite’s own: what is done to it reaches neither the own clone nor the target', async () => {
    const oid = await feature();
    const { dir } = await clone(oid, 1);
    const before = [bed.refs(), readFileSync(join(bed.own(), 'config'), 'utf8'), filesBelow(bed.own()).length];
    bed.config(dir, 'core.fsmonitor', bed.canary('fsmonitor'));
    execFileSync('sh', ['-c', 'rm -rf .git/objects && : > .git/config && rm -rf *'], { cwd: dir });
    expect([bed.refs(), readFileSync(join(bed.own(), 'config'), 'utf8'), filesBelow(bed.own()).length]).toEqual(before);
    expect(await clone(oid, 1, 'run-2')).toBeDefined();
    expect(bed.sung()).toEqual([]);
  });

  test('begins empty, whatever a crash left under its name, and leaves nothing behind', async () => {
    const oid = await feature();
    const first = await clone(oid, 1);
    bed.plant(join(first.dir, 'left-over.txt'), 'from before');
    const second = await clone(oid, 1);
    expect(second.dir).toBe(first.dir);
    expect(readdirSync(second.dir).sort()).toEqual(['.git', 'feature.txt', 'main.txt']);
    await second.dispose();
    expect(bed.exists(second.dir)).toBe(false);
    // A second time, and what never was there.
    await second.dispose();
  });

  test('that cannot be made is an error that leaves no folder', async () => {
    const oid = await feature();
    expect(await codeOf(clone('1'.repeat(40), 1))).toBe('GIT_FAILED');
    // git refuses such a depth only when the clone has been begun.
    expect(await codeOf(clone(oid, 0))).toBe('GIT_FAILED');
    expect(filesBelow(join(bed.state, 'work')).map((path) => basename(path))).toEqual(['owner']);
  });

  test.each([1, 2, 'full'] as const)(
    'of depth %s never holds what somebody put into the own clone under the name of something else',
    async (depth) => {
      const oid = await feature();
      const blob = bed.git(['rev-parse', `${oid}:feature.txt`], bed.own());
      const forged = bed.git(['hash-object', '-w', bed.plant(join(bed.root, 'forged'), 'forged\n')], bed.own());
      const loose = (name: string) => join(bed.own(), 'objects', name.slice(0, 2), name.slice(2));
      chmodSync(loose(blob), 0o644);
      copyFileSync(loose(forged), loose(blob));
      expect(await codeOf(clone(oid, depth))).toBe('GIT_CLONE_DAMAGED');
    },
  );

  test('is removed also where a suite took the permission to', async () => {
    const suite = await clone(await feature(), 1);
    const { dir } = suite;
    bed.plant(join(dir, 'cache', 'deep', 'file'), 'x');
    // As module caches do. The superuser may remove it all the same, so that an ordinary user has to try.
    execFileSync('chmod', ['-R', 'a-w', join(dir, 'cache')]);
    if (process.getuid?.() !== 0) {
      await suite.dispose();
    } else {
      execFileSync('chown', ['-R', '65534:65534', bed.root]);
      execFileSync('chmod', ['a+rx', bed.root]);
      const script = `require('./src/infrastructure/git/run-clone/work-folders').removeTree(process.argv[1])`;
      const args = ['-r', './test/support/ts-register.cjs', '-e', script, dir];
      execFileSync(process.execPath, args, { uid: 65534, gid: 65534 });
    }
    expect(bed.exists(dir)).toBe(false);
  });

  test('is removed also where its folders lie deeper than a path can say', async () => {
    const suite = await clone(await feature(), 1);
    const script = 'i=0; while [ $i -lt 60 ]; do mkdir d$1; cd -P d$1; i=$((i+1)); done; touch end';
    execFileSync('sh', ['-c', script, 'sh', 'x'.repeat(200)], { cwd: suite.dir });
    await suite.dispose();
    expect(bed.exists(suite.dir)).toBe(false);
  });

  test('that cannot be removed does not cost the result of its run', async () => {
    await expect(removeTree(join(bed.root, 'no\0path'))).resolves.toBeUndefined();
  });
});

describe('an agent’s clone', () => {
  test('has the branch checked out and pushes to the target by itself', async () => {
    bed.commit('feature', { 'feature.txt': 'one\n' }, 'main');
    const { dir } = await bed.workspace.agentClone(bed.repository(), {
      branch: 'feature',
      baseOid: bed.head('main') ?? '',
      name: 'agent-1',
    });
    expect(bed.git(['symbolic-ref', 'HEAD'], dir)).toBe('refs/heads/feature');
    bed.plant(join(dir, 'fixed.txt'), 'fixed\n');
    bed.git(['add', '--all'], dir);
    bed.git(['commit', '--quiet', '-m', 'fix'], dir);
    bed.git(['push', '--quiet', 'origin', 'feature'], dir);
    expect(bed.head('feature')).toBe(bed.git(['rev-parse', 'HEAD'], dir));
    expect(bed.exists(dir, '.git', 'hooks')).toBe(false);
  });
});

describe('a clone of a role', () => {
  const branches = (dir: string) =>
    bed.git(['for-each-ref', '--format=%(objectname) %(refname:short)', 'refs/heads'], dir).split('\n');

  /** main goes on while somebody works on the branch; the brief was made before that. */
  async function branchAndBase() {
    const base = bed.head('main') ?? '';
    const oid = await feature();
    bed.commit('main', { 'later.txt': 'later\n' });
    return { base, oid };
  }

  const shows = (dir: string) => ({
    diff: bed.git(['diff', '--name-only', 'main...'], dir),
    log: bed.git(['log', '--format=%s', 'main..'], dir).split('\n').length,
    sameLog: bed.git(['log', '--format=%s', 'main..feature'], dir).split('\n').length,
  });

  test('that writes a report has main at the base and the branch at the head, and nowhere to push to', async () => {
    const { base, oid } = await branchAndBase();
    const options = { oid, baseOid: base, depth: 'full', name: 'reviewer', branch: 'feature' } as const;
    const { dir } = await bed.workspace.disposableClone(bed.repository(), options);
    expect(branches(dir)).toEqual([`${oid} feature`, `${base} main`]);
    expect(shows(dir)).toEqual({ diff: 'feature.txt', log: 2, sameLog: 2 });
    expect(bed.git(['remote'], dir)).toBe('');
    expect(() => bed.git(['push', 'origin', 'HEAD:feature'], dir)).toThrow();
    expect(bed.git(['fsck', '--full', '--strict'], dir)).toBe('');
  });

  test('that commits has them too, and an origin to push the branch to', async () => {
    const { base, oid } = await branchAndBase();
    const options = { branch: 'feature', baseOid: base, name: 'developer' };
    const { dir } = await bed.workspace.agentClone(bed.repository(), options);
    expect(branches(dir)).toEqual([`${oid} feature`, `${base} main`]);
    expect(shows(dir)).toEqual({ diff: 'feature.txt', log: 2, sameLog: 2 });
    expect(bed.git(['remote'], dir)).toBe('origin');
    expect(bed.git(['rev-parse', 'origin/main'], dir)).toBe(bed.head('main'));
  });

  test('that commits cannot be made at a base that the target no longer has', async () => {
    await feature();
    const options = { branch: 'feature', baseOid: 'd'.repeat(40), name: 'developer' };
    expect(await codeOf(bed.workspace.agentClone(bed.repository(), options))).toBe('GIT_FAILED');
  });
});

describe('what killed processes left', () => {
  const other = (pid: number) => new LocalGitWorkspace({ stateDir: bed.state, worker: `host/boot/pid/${pid}/9` });
  const folders = () => readdirSync(join(bed.state, 'work'));

  test('is removed by the next start; what a living or an unknown process works in is not', async () => {
    const oid = await feature();
    const options = { oid, baseOid: oid, depth: 1, name: 'run' };
    const [dead, living, mine] = await Promise.all(
      [other(2), other(3), bed.workspace].map((one) => one.disposableClone(bed.repository(), options)),
    );
    bed.plant(join(bed.state, 'work', 'unknown', 'file'), 'x');
    await bed.workspace.removeLeftovers((worker) => worker === 'host/boot/pid/2/9');
    expect([dead, living, mine].map((one) => bed.exists(one?.dir ?? ''))).toEqual([false, true, true]);
    expect(folders()).toContain('unknown');
    // Not even when this process were taken for dead.
    await bed.workspace.removeLeftovers(() => true);
    expect(bed.exists(mine?.dir ?? '')).toBe(true);
  });

  test('a rebase that was killed leaves nothing in the own clone', async () => {
    bed.commit('feature', { 'feature.txt': 'one\n' }, 'main');
    bed.commit('main', { 'later.txt': 'later\n' });
    const { headOid, baseOid } = await bed.workspace.fetch(bed.repository(), TASK, 'feature');
    // It gets no further than its first merge.
    const there = join(bed.root, 'there');
    bed.fakeGit(`case " $* " in *" merge-tree "*) touch '${there}'; exec sleep 60;; esac; exec "$REAL_GIT" "$@"`);
    const killed = bed.startWorkspace('host/boot/pid/2/9', 'rebase', {
      task: TASK,
      branch: 'feature',
      headOid,
      baseOid,
    });
    await until(() => bed.exists(there));
    killed.kill('SIGKILL');
    await until(() => killed.signalCode !== null);
    bed.killProcessesIn(join(bed.state, 'work'));
    bed.realGit();
    const inWork = () => folders().flatMap((name) => readdirSync(join(bed.state, 'work', name)));
    expect(inWork().join()).toMatch(/git-/);
    await bed.workspace.removeLeftovers((worker) => worker === 'host/boot/pid/2/9');
    // What is left is the living one's.
    expect(inWork()).toEqual(['owner']);
    expect(readdirSync(bed.own()).sort()).toEqual(['HEAD', 'config', 'objects', 'refs']);
  });

  test('a state directory in which nothing ever ran has nothing to remove', async () => {
    await expect(bed.workspace.removeLeftovers(() => true)).resolves.toBeUndefined();
  });
});

test('a clone is named as its own processes name it, wherever a link on the way leads', async () => {
  const oid = await feature();
  const place = join(bed.root, 'real place');
  mkdirSync(place);
  symlinkSync(place, join(bed.root, 'link'));
  const workspace = new LocalGitWorkspace({ stateDir: join(bed.root, 'link'), worker: 'host/boot/pid/1/1' });
  await workspace.fetch(bed.repository(), TASK, 'feature');
  const options = { oid, baseOid: bed.head('main') ?? '', depth: 'full', name: 'suite' } as const;
  const clone = await workspace.disposableClone(bed.repository(), options);
  const [own] = execFileSync('/bin/sh', ['-c', 'pwd -P'], { cwd: clone.dir, encoding: 'utf8' }).split('\n');
  expect(clone.dir).toBe(own);
  await clone.dispose();
  expect(existsSync(clone.dir)).toBe(false);
});
