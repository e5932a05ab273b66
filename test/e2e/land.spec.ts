import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import type { LandResult } from '../../src/cli/land/land-outcome';
import { lastJson, runCli, startCli, type CliResult } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { check } from '../support/invariants';
import { rounds } from '../support/rounds';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

/** Every test lands into a copy of its own, with one branch that main has not got yet. */
const template = new SampleRepository();
template.commit('feature', { 'a.txt': 'a\n' }, 'main');
const session = new CliSession();
afterAll(async () => {
  template.dispose();
  await session.close();
});

let sample: SampleRepository;
beforeEach(() => {
  sample = new SampleRepository({ like: template.root });
});
afterEach(async () => {
  const file = join(sample.dir, 'stagegate', 'events.db');
  if (existsSync(file)) {
    const store = await openSqliteEventStore(file);
    const { events } = await store.readAll({ prefixes: ['task-', 'lane-', 'policy-'], limit: 100_000 });
    await store.close();
    expect(check(events, { isAtRest: false })).toEqual([]);
  }
  sample.dispose();
});

const line = (branch: string, suite: string, ...more: string[]) => [
  ...['land', branch, '--repo', sample.dir, '--suite', suite, '--json'],
  ...more,
];
const land = (...args: Parameters<typeof line>): Promise<CliResult> => session.run(line(...args));
/** As a process of its own. */
const landAlone = (...args: Parameters<typeof line>): Promise<CliResult> => runCli(line(...args));

describe('land', () => {
  it('lands a green branch that main has left behind, rebased and tested again', async () => {
    const main = sample.commit('main', { 'b.txt': 'b\n' });
    const result = await landAlone('feature', 'test -f a.txt');
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: '' });
    const said = lastJson(result) as LandResult;
    expect(said).toMatchObject({
      outcome: 'landed',
      stage: 'done',
      stagingStatus: 'SUCCESS',
      landedOid: sample.head('main'),
    });
    expect(sample.git(['rev-parse', 'main~1'], sample.dir)).toBe(main);
    expect(sample.git(['ls-tree', '--name-only', 'main'], sample.dir).split('\n')).toEqual([
      'a.txt',
      'b.txt',
      'main.txt',
    ]);
    expect(readFileSync(said.artifacts[0] ?? '', 'utf8')).toContain('staging_status: SUCCESS');
    expect(result.stdout.trim().split('\n').length - 1).toBe(said.events);
    // The branch is its owner's: it stays where it was.
    expect(sample.head('feature')).toBe(sample.git(['rev-parse', 'feature']));
  });

  it('gives suites the history, main and tags that they ask for, and less where that is asked for', async () => {
    sample.git(['tag', '-a', '-m', 'one', 'v1.0', 'main'], sample.dir);
    sample.commit('main', { 'b.txt': 'b\n' });
    const asks = 'git describe && test "$(git diff --name-only main...)" = a.txt && git rev-parse origin/main';
    expect(await land('feature', asks)).toMatchObject({ code: 0 });
    sample.commit('again', { 'c.txt': 'c\n' }, 'feature');
    expect((await land('again', '! git describe', '--checkout-depth', '1')).code).toBe(0);
    const { code, stderr } = await land('again', 'true', '--checkout-depth', '0');
    expect([code, stderr]).toEqual([
      2,
      'stagegate: --checkout-depth: expected full or a number of commits from 1 to 999999, saw "0"\n',
    ]);
  });

  it('says at once that a branch has nothing in common with main, or that the repository is not all there', async () => {
    sample.git(['switch', '--quiet', '--orphan', 'own']);
    sample.commit('own', { 'own.txt': 'own\n' });
    const unrelated = 'branch: expected own to have a commit in common with main, saw none; rebase it onto main';
    expect(await land('own', 'true')).toMatchObject({ code: 2, stderr: `stagegate: ${unrelated}\n` });
    const shallow = join(sample.root, 'shallow.git');
    sample.git(['clone', '--quiet', '--bare', '--depth=1', '--no-single-branch', `file://${sample.dir}`, shallow]);
    const { code, stderr } = await session.run(['land', 'feature', '--repo', shallow, '--suite', 'true']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^stagegate: --repo: .* saw a shallow clone; .*\n$/)]);
  });

  it('takes branches at one head apart, however alike their names', async () => {
    for (const branch of ['a/b', 'a-b']) sample.git(['push', '--quiet', sample.dir, `feature:refs/heads/${branch}`]);
    const ids = [];
    for (const branch of ['a/b', 'a-b', 'a/b']) {
      const said = lastJson(await land(branch, 'exec false')) as LandResult;
      ids.push(said.task);
      const shown = await session.run(['show', said.task, '--repo', sample.dir, '--json']);
      expect(JSON.parse(shown.stdout)).toMatchObject({ entry: { branch } });
    }
    expect(new Set(ids).size).toBe(3);
  });

  it('has nothing to land when main has the branch already', async () => {
    await land('feature', 'true');
    const again = await land('feature', 'true');
    expect(again.code).toBe(0);
    expect(lastJson(again) as LandResult).toMatchObject({ outcome: 'nothing-to-land', landedOid: null });
  });

  it('sends a red branch back and leaves main alone', async () => {
    const main = sample.head('main');
    const result = await land('feature', 'echo broken; exit 3');
    expect(result.code).toBe(10);
    const said = lastJson(result) as LandResult;
    expect(said).toMatchObject({
      outcome: 'rolled-back',
      stage: 'development',
      stagingStatus: 'FAILED',
      reason: 'red',
    });
    expect(readFileSync(said.artifacts[0] ?? '', 'utf8')).toMatch(/exit_code: 3[^]*broken/);
    expect(sample.head('main')).toBe(main);
  });

  it('is red when only the rebased tree fails', async () => {
    sample.commit('main', { 'b.txt': 'b\n' });
    const result = await land('feature', 'test ! -f a.txt || test ! -f b.txt');
    expect(result.code).toBe(10);
    expect(lastJson(result) as LandResult).toMatchObject({ outcome: 'rolled-back', stagingStatus: 'SUCCESS' });
  });

  it('sends a conflicting branch back', async () => {
    sample.commit('feature', { 'main.txt': 'mine\n' });
    sample.commit('main', { 'main.txt': 'theirs\n' });
    const result = await land('feature', 'true');
    expect(result.code).toBe(11);
    expect(lastJson(result) as LandResult).toMatchObject({ outcome: 'conflict', stage: 'development' });
  });

  it.each([
    [
      'a name that no file system takes',
      () => {
        const blob = sample.git(['rev-parse', 'main:main.txt'], sample.dir);
        const tree = sample.git(['mktree'], sample.dir, `100644 blob ${blob}\t${'n'.repeat(256)}\n`);
        const oid = sample.git(['commit-tree', tree, '-p', 'main', '-m', 'long'], sample.dir);
        sample.git(['update-ref', 'refs/heads/own', oid], sample.dir);
      },
      'a name of 256 bytes',
    ],
  ])('sends a branch with %s back, without a retry', async (_what, make, words) => {
    make();
    const result = await land('own', 'true', '--infra-retries', '3');
    expect(result.code).toBe(11);
    const said = lastJson(result) as LandResult;
    expect(said).toMatchObject({ outcome: 'conflict', stage: 'development', why: { failure: { tries: 1 } } });
    expect(JSON.stringify(said.why)).toContain(words);
  });

  it('holds a branch whose set-up breaks: nothing is known about it', async () => {
    const result = await land('feature', 'true', '--setup', 'exit 1', '--infra-retries', '1', '--backoff', '50ms');
    expect(result.code).toBe(12);
    const said = lastJson(result) as LandResult;
    expect(said).toMatchObject({ outcome: 'held', stage: 'deploy-staging', stagingStatus: 'FAILED' });
    expect(readFileSync(said.artifacts[0] ?? '', 'utf8')).toContain('cause: infra-exhausted');
    const types = result.stdout.split('\n').map((line) => /"type":"(\w+)"/.exec(line)?.[1]);
    expect(types.filter((type) => type === 'AlertRaised')).toHaveLength(1);
    expect(types).not.toContain('StageRolledBack');
  });

  it('holds a branch whose suite does not exist, without waiting', async () => {
    const result = await land('feature', 'no-such-suite');
    expect(result.code).toBe(12);
    expect(result.stdout).not.toContain('RunDeferred');
  });

  it('recovers from a timeout without a developer retry', async () => {
    const flag = join(sample.root, 'slow');
    const suite = `if [ ! -e '${flag}' ]; then touch '${flag}'; sleep 60; fi`;
    const result = await land('feature', suite, '--timeout', '1s', '--backoff', '50ms');
    expect(result.code).toBe(0);
    expect(result.stdout).toContain('"failureClass":"timeout"');
    expect(result.stdout).not.toContain('"budget":"developer"');
  });

  it('gives a branch up that moves meanwhile', async () => {
    const before = sample.head('feature') ?? '';
    const after = sample.commit('feature', { 'a.txt': 'b\n' });
    const move = (oid: string) => ['update-ref', 'refs/heads/feature', oid];
    sample.git(move(before), sample.dir);
    const result = await land('feature', `git --git-dir '${sample.dir}' ${move(after).join(' ')}`);
    expect(result.code).toBe(13);
    expect(lastJson(result) as LandResult).toMatchObject({ outcome: 'stale', stage: 'cancelled' });
  });

  it('stops at Ctrl-C with its run ended and its claim given back; the same command goes on', async () => {
    const mayPass = join(sample.root, 'may-pass');
    const suite = `until [ -e '${mayPass}' ]; do sleep 0.1; done; test -f a.txt`;
    const first = startCli(line('feature', suite));
    await first.saw(/TransitionClaimed/);
    first.child.kill('SIGINT');
    const stopped = await first.ended;
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toContain('ClaimReleased');
    writeFileSync(mayPass, '');
    const second = await land('feature', suite);
    expect(second.code).toBe(0);
    expect(second.stderr).toContain('resuming');
  });

  const AT_ONCE = rounds(8, 4);
  it('shares a repository with others that land at once: all land, main is linear, every landed tree was tested', async () => {
    const branches = Array.from({ length: AT_ONCE }, (_, index) => `feature-${index}`);
    for (const [index, branch] of branches.entries()) sample.commit(branch, { [`${index}.txt`]: branch }, 'main');
    const tested = join(sample.root, 'tested');
    const suite = `git rev-parse 'HEAD^{tree}' >> '${tested}'`;
    const results = await Promise.all(branches.map((branch) => landAlone(branch, suite)));
    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(results.map(() => ({ code: 0, stderr: '' })));
    const trees = sample.git(['log', '--first-parent', '--format=%T', 'main'], sample.dir).split('\n');
    expect(trees).toHaveLength(AT_ONCE + 1);
    expect(sample.git(['rev-list', '--min-parents=2', '--count', 'main'], sample.dir)).toBe('0');
    const green = new Set(readFileSync(tested, 'utf8').trim().split('\n'));
    expect(trees.slice(0, AT_ONCE).filter((tree) => !green.has(tree))).toEqual([]);
    expect(sample.git(['ls-tree', '--name-only', 'main'], sample.dir).split('\n')).toHaveLength(AT_ONCE + 1);
  });
});

describe('a land that is gone', () => {
  it('leaves a task that asks for it, keeps nobody waiting, and goes on with the same command', async () => {
    sample.commit('other', { 'o.txt': 'o\n' }, 'main');
    const mayPass = join(sample.root, 'may-pass');
    const suite = `until [ -e '${mayPass}' ]; do sleep 0.1; done`;
    const first = startCli(line('feature', suite));
    await first.saw(/TransitionClaimed/);
    const why = async (task: string) =>
      lastJson(await session.run(['why', task, '--repo', sample.dir, '--json'])) as {
        code: string;
        actor: string;
        text: string;
      };
    const [, task = ''] = await first.saw(/"taskId":"([^"]+)"/);
    expect(await why(task)).toMatchObject({ code: 'running', actor: 'runner' });
    first.child.kill('SIGKILL');
    await first.ended;
    expect(await why(task)).toMatchObject({ code: 'no-conductor', actor: 'person' });
    expect((await why(task)).text).toBe('no process moves this task: run land of feature again, or up');
    expect((await land('other', 'true')).code).toBe(0);
    expect(await why(task)).toMatchObject({ code: 'no-conductor' });
    writeFileSync(mayPass, '');
    const again = await land('feature', suite);
    expect(again).toMatchObject({ code: 0, stderr: `resuming ${task}\n` });
    expect(readdirSync(join(sample.dir, 'stagegate', 'landing-now'))).toEqual([]);
  });
});

describe('land killed with SIGKILL', () => {
  const HERE = ['land.afterTransaction', 'append.before:5', 'append.after:5'];
  /** A service is killed at these in every run of the tests. */
  const ELSEWHERE = ['land.beforeFetch', 'land.beforeTransaction'];
  const POINTS = [...HERE, ...ELSEWHERE].slice(0, rounds(HERE.length + ELSEWHERE.length, HERE.length));

  it.each(POINTS)('at %s lands once, after the same command is run again', async (point) => {
    sample.commit('main', { 'b.txt': 'b\n' });
    const killed = await runCli(line('feature', 'true'), { STAGEGATE_SELFTEST_FAILPOINT: point });
    expect(killed.signal).toBe('SIGKILL');
    const again = await land('feature', 'true');
    expect({ code: again.code, stderr: again.stderr.replace(/resuming \S+\n/, '') }).toEqual({ code: 0, stderr: '' });
    const said = lastJson(again) as LandResult;
    expect(said.outcome).toBe('landed');
    expect(sample.git(['rev-list', '--count', 'main'], sample.dir)).toBe('3');
    expect(again.stdout.match(/"type":"TaskLanded"/g)).toHaveLength(1);
    expect(said.landedOid).toBe(sample.head('main'));
  });
});
