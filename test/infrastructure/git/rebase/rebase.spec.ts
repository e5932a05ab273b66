import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RebaseOutcome } from '../../../../src/application/ports/git-workspace';
import { codeOf, GitBed, TASK } from '../git-bed';

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
});
afterEach(() => {
  bed.dispose();
});

async function rebase(branch = 'feature'): Promise<RebaseOutcome> {
  const { headOid, baseOid } = await bed.workspace.fetch(bed.repository(), TASK, branch);
  return bed.workspace.rebase(bed.repository(), { task: TASK, branch, headOid, baseOid });
}

async function candidate(branch?: string): Promise<string> {
  const outcome = await rebase(branch);
  if (outcome.kind !== 'rebased') throw new Error(`expected a candidate, saw ${JSON.stringify(outcome)}`);
  expect(bed.git(['rev-parse', `${outcome.newOid}^{tree}`], bed.own())).toBe(outcome.treeOid);
  expect(bed.ref('refs/stagegate/out/web/T-1', bed.own())).toBe(outcome.newOid);
  return outcome.newOid;
}

const inOwn = (...args: string[]) => bed.git(args, bed.own());
const merge = (...args: string[]) => bed.git(['merge', '--quiet', '--no-edit', ...args]);
/** Puts a change on another branch, as `git cherry-pick` does. @returns the new commit. */
function pick(branch: string, oid: string): string {
  bed.git(['switch', '--quiet', branch]);
  bed.git(['cherry-pick', oid]);
  return bring(branch);
}

function bring(branch: string): string {
  push(branch);
  return bed.head(branch) ?? '';
}

const push = (branch: string) => bed.git(['push', '--quiet', bed.dir, branch]);

describe('a rebase', () => {
  test('puts the commits of the branch on main, keeps their authors, and leaves the branch where it is', async () => {
    bed.commit('feature', { 'feature.txt': 'one\n' }, 'main');
    bed.commit('feature', { 'feature.txt': 'two\n' });
    const main = bed.commit('main', { 'later.txt': 'later\n' });
    const before = bed.refs();
    const oid = await candidate();
    expect(inOwn('rev-parse', `${oid}~2`)).toBe(main);
    expect(inOwn('log', '--format=%an %cn %s', `${main}..${oid}`).split('\n')).toEqual([
      'Ann stagegate change feature',
      'Ann stagegate change feature',
    ]);
    expect(bed.refs()).toBe(before);
    // No work tree stays behind.
    expect(inOwn('worktree', 'list').split('\n')).toHaveLength(1);
    expect(readdirSync(join(bed.state, 'work')).flatMap((name) => readdirSync(join(bed.state, 'work', name)))).toEqual([
      'owner',
    ]);
  });

  test('that does not merge is a conflict with its paths', async () => {
    bed.commit('feature', { 'main.txt': 'mine\n', 'ü x.txt': 'mine\n', 'a.txt': 'mine\n' }, 'main');
    bed.commit('main', { 'main.txt': 'theirs\n', 'ü x.txt': 'theirs\n' });
    expect(await rebase()).toEqual({ kind: 'conflict', paths: ['main.txt', 'ü x.txt'] });
    expect(bed.ref('refs/stagegate/out/web/T-1', bed.own())).toBeNull();
  });

  test('whose commits do not apply one by one is a conflict', async () => {
    bed.commit('feature', { 'main.txt': 'mine\n' }, 'main');
    bed.commit('feature', { 'main.txt': 'one\n', 'feature.txt': 'feature\n' });
    bed.commit('main', { 'main.txt': 'theirs\n' });
    // Together they change nothing on main.txt, so the trees merge; the first one alone does not.
    expect(await rebase()).toEqual({ kind: 'conflict', paths: ['main.txt'] });
    expect(inOwn('worktree', 'list').split('\n')).toHaveLength(1);
  });

  test('of what main has by another commit leaves nothing', async () => {
    bed.commit('feature', { 'same.txt': 'same\n' }, 'main');
    bed.commit('main', { 'same.txt': 'same\n' });
    bed.commit('main', { 'later.txt': 'later\n' });
    expect(await rebase()).toMatchObject({ kind: 'nothing-left' });
  });

  test('leaves out what main has by another commit, also where the two tips would conflict', async () => {
    const stacked = bed.commit('feature', { 'main.txt': 'mine\n' }, 'main');
    bed.commit('feature', { 'feature.txt': 'feature\n' });
    bed.commit('main', { 'other.txt': 'other\n' });
    pick('main', stacked);
    const main = bed.commit('main', { 'main.txt': 'later\n' });
    const oid = await candidate();
    expect(inOwn('log', '--format=%P', `${main}..${oid}`)).toBe(main);
    expect(inOwn('show', `${oid}:main.txt`)).toBe('later');
  });

  test('does not bring back what main had and has reverted', async () => {
    const stacked = bed.commit('feature', { 'returns.txt': 'not wanted\n' }, 'main');
    bed.commit('feature', { 'feature.txt': 'feature\n' });
    bed.commit('main', { 'other.txt': 'other\n' });
    const picked = pick('main', stacked);
    bed.git(['revert', '--no-edit', picked]);
    bring('main');
    const oid = await candidate();
    expect(inOwn('ls-tree', '--name-only', oid).split('\n')).toEqual(['feature.txt', 'main.txt', 'other.txt']);
  });

  test('merges files as the attributes of main say', async () => {
    bed.commit('main', { '.gitattributes': 'log.txt merge=union\n', 'log.txt': 'begin\n' });
    bed.commit('main', { 'below/.gitattributes': 'log.txt merge=union\n', 'below/log.txt': 'begin\n' });
    bed.commit('feature', { 'log.txt': 'begin\nmine\n', 'below/log.txt': 'begin\nmine\n' }, 'main');
    bed.commit('main', { 'log.txt': 'begin\ntheirs\n', 'below/log.txt': 'begin\ntheirs\n' });
    const oid = await candidate();
    for (const path of ['log.txt', 'below/log.txt'])
      expect(inOwn('show', `${oid}:${path}`).split('\n').sort()).toEqual(['begin', 'mine', 'theirs']);
  });

  test('keeps words in any encoding, odd authors and commits without a change, and drops signatures', async () => {
    bed.commit('feature', { 'feature.txt': 'one\n' }, 'main');
    const tree = bed.git(['rev-parse', 'feature^{tree}'], bed.dir);
    const parent = bed.head('feature') ?? '';
    const text = `tree ${tree}\nparent ${parent}\nauthor Än Ö <> 1700000000 -0930\ncommitter C <c@d> 1700000001 +0000\ngpgsig -----BEGIN\n x\n -----END\nencoding latin1\n\ngr\u00fc\u00dfe`;
    const odd = bed.git(['hash-object', '-t', 'commit', '-w', '--stdin'], bed.dir, Buffer.from(text, 'latin1'));
    bed.git(['update-ref', 'refs/heads/feature', odd], bed.dir);
    bed.commit('main', { 'later.txt': 'later\n' });
    const oid = await candidate();
    const copy = execFileSync('git', ['cat-file', 'commit', oid], { cwd: bed.own(), encoding: 'latin1' });
    const lines = copy.split('\n');
    expect(lines.filter((line) => /^(author|encoding|gpgsig)/.test(line))).toEqual([
      'author Än Ö <> 1700000000 -0930',
      'encoding latin1',
    ]);
    expect(copy.endsWith('\n\ngr\u00fc\u00dfe')).toBe(true);
  });

  test('of commits that are not there is an error, not a conflict: the exit code is the same', async () => {
    bed.commit('feature', { 'feature.txt': 'one\n' }, 'main');
    const { headOid } = await bed.workspace.fetch(bed.repository(), TASK, 'feature');
    const missing = bed.workspace.rebase(bed.repository(), {
      task: TASK,
      branch: 'feature',
      headOid,
      baseOid: '1'.repeat(40),
    });
    expect(await codeOf(missing)).toBe('GIT_FAILED');
  });

  test('of histories that share nothing is refused, in words for whoever wrote the branch', async () => {
    const island = bed.git(['commit-tree', 'main^{tree}', '-m', 'island'], bed.dir);
    bed.git(['update-ref', 'refs/heads/island', island], bed.dir);
    await expect(rebase('island')).rejects.toMatchObject({ fault: 'unrelated-history', headOid: island });
  });
});

describe('a branch with merges of its own', () => {
  /** A conflict with main that the branch solved in a merge, after which main went on. */
  function solvedConflict(): { head: string; main: string } {
    bed.commit('feature', { 'main.txt': 'mine\n' }, 'main');
    bed.commit('main', { 'main.txt': 'theirs\n' });
    bed.git(['switch', '--quiet', 'feature']);
    merge('--strategy=ours', 'main');
    const head = bed.commit('feature', { 'main.txt': 'both\n' });
    return { head, main: bed.commit('main', { 'later.txt': 'later\n' }) };
  }

  test('is merged: how its merge solved the conflict is not lost, and is no conflict again', async () => {
    const { head, main } = solvedConflict();
    const oid = await candidate();
    expect(inOwn('show', '--no-patch', '--format=%B', oid)).toBe("Merge branch 'feature' into main\n\nTask: web.T-1");
    expect(inOwn('show', `${oid}:main.txt`)).toBe('both');
    expect(inOwn('ls-tree', '--name-only', oid).split('\n')).toEqual(['later.txt', 'main.txt']);
    // Main comes first, so that its own line of history stays straight.
    expect(inOwn('log', '-1', '--format=%P %an %s', oid)).toBe(
      `${main} ${head} stagegate Merge branch 'feature' into main`,
    );
  });

  test('lands with what only the merge itself changed', async () => {
    bed.commit('other', { 'other.txt': 'other\n' }, 'main');
    bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
    merge('--no-commit', 'other');
    bed.plant(join(bed.work, 'glue.txt'), 'needed by both\n');
    bed.git(['add', '--all']);
    bed.git(['commit', '--quiet', '-m', 'merge with glue']);
    push('feature');
    bed.commit('main', { 'later.txt': 'later\n' });
    const oid = await candidate();
    expect(inOwn('ls-tree', '--name-only', oid).split('\n')).toEqual([
      'feature.txt',
      'glue.txt',
      'later.txt',
      'main.txt',
      'other.txt',
    ]);
  });

  test('that conflicts with main is a conflict all the same', async () => {
    solvedConflict();
    bed.commit('main', { 'main.txt': 'elsewhere\n' });
    expect(await rebase()).toEqual({ kind: 'conflict', paths: ['main.txt'] });
  });

  test('merged crosswise with main has one result, whichever base git would pick', async () => {
    bed.commit('feature', { 'feature.txt': 'one\n' }, 'main');
    bed.commit('main', { 'later.txt': 'one\n' });
    const [feature, main] = [bed.head('feature') ?? '', bed.head('main') ?? ''];
    merge(feature);
    push('main');
    bed.git(['switch', '--quiet', 'feature']);
    merge(main);
    push('feature');
    bed.commit('feature', { 'feature.txt': 'two\n' });
    bed.commit('main', { 'later.txt': 'two\n' });
    expect(bed.git(['merge-base', '--all', 'main', 'feature']).split('\n')).toHaveLength(2);
    const oid = await candidate();
    expect([inOwn('show', `${oid}:feature.txt`), inOwn('show', `${oid}:later.txt`)]).toEqual(['two', 'two']);
  });

  test('has nothing left when main has all of it', async () => {
    bed.commit('other', { 'other.txt': 'other\n' }, 'main');
    bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
    merge('other');
    push('feature');
    bed.commit('main', { 'other.txt': 'other\n', 'feature.txt': 'feature\n' });
    expect(await rebase()).toMatchObject({ kind: 'nothing-left' });
  });
});

test('a candidate that needs no rebase is kept as it is', async () => {
  const headOid = bed.commit('feature', { 'feature.txt': 'one\n' }, 'main');
  await bed.workspace.fetch(bed.repository(), TASK, 'feature');
  const { treeOid } = await bed.workspace.keepCandidate(bed.repository(), TASK, headOid);
  expect(treeOid).toBe(bed.git(['rev-parse', 'feature^{tree}']));
  expect(bed.ref('refs/stagegate/out/web/T-1', bed.own())).toBe(headOid);
  expect(await codeOf(bed.workspace.keepCandidate(bed.repository(), TASK, '1'.repeat(40)))).toBe('GIT_FAILED');
});
