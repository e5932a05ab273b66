import { cpSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Git } from '../../../src/infrastructure/git/command/git-command';
import { inspectRepository } from '../../../src/infrastructure/git/inspect';
import { LocalGitWorkspace } from '../../../src/infrastructure/git/local-git-workspace';
import { codeOf, GitBed, TASK } from './git-bed';

const NOBODY = '65534';

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
});
afterEach(() => {
  bed.dispose();
});

const fetch = (branch = 'feature', path = bed.dir) => bed.workspace.fetch(bed.repository('web', path), TASK, branch);

/** @returns those of the named commands of git that were begun from now on. */
function noting(commands: string): () => readonly string[] {
  const log = bed.plant(join(bed.root, 'begun'), '');
  const words = commands.split('|').map((command) => `*" ${command} "*) echo ${command} >> '${log}';;`);
  bed.fakeGit(`case " $* " in ${words.join(' ')} esac; exec "$REAL_GIT" "$@"`);
  return () => readFileSync(log, 'utf8').split('\n').filter(Boolean);
}

describe('fetch', () => {
  test('says how the branch stands to main', async () => {
    const headOid = bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
    const baseOid = bed.head('main');
    const headTree = bed.git(['rev-parse', 'feature^{tree}']);
    const facts = { headOid, headTree, baseOid };
    expect(await fetch()).toEqual({ ...facts, containsBase: true, alreadyInMain: false });
    const later = bed.commit('main', { 'later.txt': 'later\n' });
    expect(await fetch()).toEqual({ ...facts, baseOid: later, containsBase: false, alreadyInMain: false });
    bed.git(['push', '--quiet', bed.dir, '+feature:main']);
    expect(await fetch()).toEqual({ ...facts, baseOid: headOid, containsBase: true, alreadyInMain: true });
  });

  test('follows a branch that was rewritten', async () => {
    bed.commit('feature', { 'feature.txt': 'one\n' }, 'main');
    await fetch();
    bed.git(['commit', '--quiet', '--amend', '-m', 'another']);
    bed.git(['push', '--quiet', bed.dir, '+feature']);
    expect(await fetch()).toMatchObject({ headOid: bed.head('feature', bed.work) });
  });

  test('brings nothing where nothing has moved, and looks at both sides before it says so', async () => {
    bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
    const brought = noting('fetch|unpack-objects');
    const first = await fetch();
    expect(await fetch()).toEqual(first);
    expect(brought()).toEqual(['fetch']);
    const baseOid = bed.commit('main', { 'later.txt': 'later\n' });
    expect(await fetch()).toMatchObject({ baseOid, containsBase: false });
    expect(brought()).toEqual(['fetch', 'unpack-objects']);
    // Whatever became of the own clone meanwhile: jobs find there what they were told of.
    bed.git(['update-ref', '-d', 'refs/stagegate/base/web/T-1'], bed.own());
    await fetch();
    rmSync(bed.own(), { recursive: true });
    await fetch();
    expect(brought().filter((command) => command === 'fetch')).toHaveLength(3);
    expect(bed.ref('refs/stagegate/base/web/T-1', bed.own())).toBe(baseOid);
  });

  test('of a little that is new is none of git’s, unless something below it may be missing', async () => {
    const fetchFor = (task: string, branch: string) => bed.workspace.fetch(bed.repository(), task, branch);
    for (const branch of ['one', 'two', 'three', 'four']) bed.push(branch, { [branch]: branch }, 'main');
    const fetches = noting('fetch');
    await fetchFor('web.T-1', 'one');
    bed.push('main', { later: 'later' });
    const { headOid, baseOid } = await fetchFor('web.T-2', 'two');
    expect(fetches()).toHaveLength(1);
    expect(bed.ref('refs/stagegate/in/web/T-2', bed.own())).toBe(headOid);
    expect(bed.ref('refs/stagegate/base/web/T-2', bed.own())).toBe(baseOid);
    // As upkeep does it, which then removes what nothing names.
    bed.git(['update-ref', '-d', 'refs/stagegate/base/web/T-2'], bed.own());
    await fetchFor('web.T-3', 'three');
    expect(fetches()).toHaveLength(2);
    // The target has what was there before no more.
    const orphan = bed.git(['commit-tree', 'main^{tree}', '-m', 'anew'], bed.dir);
    for (const branch of ['main', 'one', 'two', 'three'])
      bed.git(['update-ref', `refs/heads/${branch}`, orphan], bed.dir);
    for (const args of [
      ['reflog', 'expire', '--expire=now', '--all'],
      ['gc', '--quiet', '--prune=now'],
    ])
      bed.git(args, bed.dir);
    expect(await fetchFor('web.T-4', 'three')).toMatchObject({ headOid: orphan, baseOid: orphan });
    expect(bed.git(['fsck', '--no-dangling'], bed.own())).toBe('');
  });

  test('changes nothing in the target', async () => {
    bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
    const listing = () =>
      execFileSync('find', [bed.dir, '-newer', join(bed.work, '.git', 'HEAD'), '-type', 'f']).toString();
    const [refs, files] = [bed.refs(), listing()];
    await fetch();
    expect([bed.refs(), listing()]).toEqual([refs, files]);
  });

  test('without the branch, without main and in an empty repository names what is missing', async () => {
    expect(await codeOf(fetch('nope'))).toBe('GIT_BRANCH_MISSING');
    bed.commit('ma', { 'a.txt': 'a\n' }, 'main');
    bed.git(['update-ref', '-d', 'refs/heads/main'], bed.dir);
    // The missing name begins with the branch's; it is main all the same.
    expect(await codeOf(fetch('ma'))).toBe('GIT_MAIN_MISSING');
    const empty = join(bed.root, 'empty.git');
    bed.git(['init', '--quiet', '--bare', empty], bed.root);
    expect(await codeOf(fetch('feature', empty))).toBe('GIT_BRANCH_MISSING');
    expect(await codeOf(fetch('feature', bed.root))).toBe('GIT_NOT_A_REPOSITORY');
    expect(await codeOf(fetch('feature', join(bed.root, 'gone')))).toBe('GIT_NOT_A_REPOSITORY');
  });

  test('works from a work tree, from a linked one, and where the path holds blanks and other signs', async () => {
    const headOid = bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
    const linked = join(bed.root, 'linked');
    bed.git(['worktree', 'add', '--quiet', '--detach', linked]);
    const odd = join(bed.root, `a b%41#'ü.git`);
    cpSync(bed.dir, odd, { recursive: true });
    for (const path of [bed.work, join(bed.work, '.git'), linked, odd])
      expect(await fetch('feature', path)).toMatchObject({ headOid });
  });

  test('serves two processes that share the own clone, also when both have to make it', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `feature-${index}`);
    for (const name of names) bed.commit(name, { [`${name}.txt`]: name }, 'main');
    const others = [1, 2].map(
      (pid) => new LocalGitWorkspace({ stateDir: bed.state, worker: `host/boot/pid/${pid}/9` }),
    );
    const fetched = await Promise.all(
      names.flatMap((name, index) =>
        others.map((workspace) => workspace.fetch(bed.repository(), `web.T-${index}`, name)),
      ),
    );
    expect(fetched.map(({ headOid }) => headOid)).toEqual(names.flatMap((name) => [bed.head(name), bed.head(name)]));
    expect(
      execFileSync('ls', [join(bed.state, 'repos')])
        .toString()
        .split('\n')
        .filter(Boolean),
    ).toEqual(['web.git']);
  });

  test('makes the own clone anew when the last try failed', async () => {
    bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
    const away = join(bed.root, 'away.git');
    renameSync(bed.dir, away);
    expect(await codeOf(fetch())).toBe('GIT_NOT_A_REPOSITORY');
    renameSync(away, bed.dir);
    expect(await fetch()).toMatchObject({ headOid: bed.head('feature') });
  });

  test('gets past a lock that a killed git left in the own clone, and waits for a fresh one', async () => {
    bed.commit('feature', { 'feature.txt': 'one\n' }, 'main');
    await fetch();
    const headOid = bed.commit('feature', { 'feature.txt': 'two\n' });
    const ref = 'refs/stagegate/in/web/T-1';
    const fresh = bed.plantLock(ref, { dir: bed.own(), ageMs: 1_000 });
    expect(await codeOf(fetch())).toBe('GIT_LOCKED');
    rmSync(fresh);
    bed.plantLock(ref, { dir: bed.own() });
    expect(await fetch()).toMatchObject({ headOid });
    expect(bed.locks(bed.own())).toEqual([]);
  });

  test('reads a repository of another user, whose exact path it names and no other', async () => {
    const headOid = bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
    const link = join(bed.root, 'link.git');
    symlinkSync(bed.dir, link);
    await fetch();
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, bed.dir, bed.work]);
    // git believes then that nothing is ours, which an ordinary user cannot bring about otherwise.
    bed.fakeGit('GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec "$REAL_GIT" "$@"');
    const stranger = new Git().run(['fetch', '--', bed.dir, 'main'], { cwd: bed.own() });
    await expect(stranger).rejects.toThrow(/dubious ownership/);
    for (const path of [bed.dir, bed.work, join(bed.work, '.git'), link])
      expect(await fetch('feature', path)).toMatchObject({ headOid });
    expect((await bed.workspace.heads(bed.repository(), ['feature'])).get('feature')).toBe(headOid);
    expect(await inspectRepository(bed.repository(), 'feature')).toMatchObject({ branchOid: headOid });
  });
});

describe('heads', () => {
  test('are those of the branches asked for, and null for what is not there', async () => {
    bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
    bed.commit('feature-2', { 'feature.txt': 'two\n' }, 'main');
    const heads = await bed.workspace.heads(bed.repository(), ['feature', 'main', 'feat', 'nope']);
    expect([...heads]).toEqual([
      ['feature', bed.head('feature')],
      ['main', bed.head('main')],
      ['feat', null],
      ['nope', null],
    ]);
    expect([...(await bed.workspace.heads(bed.repository(), []))]).toEqual([]);
  });

  it('are told of many branches at once as of few', async () => {
    const headOid = bed.git(['rev-parse', 'main'], bed.dir);
    const names = Array.from({ length: 250 }, (_, index) => `many/b${index}`);
    const lines = names.map((name) => `create refs/heads/${name} ${headOid}\n`).join('');
    execFileSync('git', ['update-ref', '--stdin'], { cwd: bed.dir, input: lines });
    const heads = await bed.workspace.heads(bed.repository(), [...names, 'many', 'many/none']);
    expect(names.every((name) => heads.get(name) === headOid)).toBe(true);
    expect([heads.get('many'), heads.get('many/none')]).toEqual([null, null]);
    expect(heads.size).toBe(252);
  });
});

describe('a repository with SHA-256 objects', () => {
  test('goes all the way from the fetch to the landing', async () => {
    const sha256 = new GitBed({ objectFormat: 'sha256' });
    try {
      sha256.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
      sha256.commit('main', { 'later.txt': 'later\n' });
      const landing = await sha256.candidate('feature');
      expect(landing.newOid).toHaveLength(64);
      const clone = await sha256.workspace.disposableClone(sha256.repository(), {
        oid: landing.newOid,
        baseOid: landing.baseOid,
        depth: 'full',
        name: 'run',
      });
      expect(sha256.git(['rev-parse', 'HEAD'], clone.dir)).toBe(landing.newOid);
      expect(await sha256.workspace.land(sha256.repository(), landing)).toEqual({ kind: 'landed' });
      expect(sha256.head('main')).toBe(landing.newOid);
      const next = await sha256.workspace.takeEpoch(sha256.repository(), { task: TASK, epoch: '2', log: 'a1b2c3' });
      expect(next.oid).not.toBe(landing.lease.oid);
      await sha256.workspace.publishArtifacts(sha256.repository(), TASK, new Map([['15-staging-log.md', 'text']]));
      expect(sha256.ref('refs/stagegate/artifacts/web/T-1')).toHaveLength(64);
    } finally {
      sha256.dispose();
    }
  });
});
