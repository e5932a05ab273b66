import { cpSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspectRepository } from '../../../src/infrastructure/git/inspect';
import { codeOf, GitBed } from './git-bed';

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
});
afterEach(() => {
  bed.dispose();
});

const inspect = (path: string, branch = 'feature') => inspectRepository(bed.repository('web', path), branch);

/** Work tree that has `main` checked out, with the branch beside it. */
function workTree(): string {
  bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
  bed.git(['switch', '--quiet', 'main']);
  return bed.work;
}

describe('inspect', () => {
  test('tells of a bare repository where main and the branch are, and finds nothing wrong', async () => {
    const branchOid = bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
    expect(await inspect(bed.dir)).toEqual({
      gitDir: bed.dir,
      mainOid: bed.head('main'),
      branchOid,
      mainCheckedOutAt: null,
      cannotFollow: null,
      incomplete: null,
      isUnrelated: false,
      branchDirtyAt: null,
      unsupported: [],
    });
  });

  test('of a branch or a main that does not exist tells null, also in an empty repository', async () => {
    expect(await inspect(bed.dir, 'nope')).toMatchObject({ branchOid: null, mainOid: bed.head('main') });
    // Not the branch, only one whose name begins with it.
    bed.git(['update-ref', 'refs/heads/nope/sub', 'main'], bed.dir);
    expect(await inspect(bed.dir, 'nope')).toMatchObject({ branchOid: null });
    const empty = join(bed.root, 'empty.git');
    bed.git(['init', '--quiet', '--bare', empty], bed.root);
    expect(await inspect(empty)).toMatchObject({ mainOid: null, branchOid: null, unsupported: [] });
  });

  test('refuses what is no repository in one line', async () => {
    for (const path of [join(bed.root, 'gone'), bed.root, bed.plant(join(bed.root, 'file'), '')])
      expect(await codeOf(inspect(path))).toBe('GIT_NOT_A_REPOSITORY');
  });

  test('sees main checked out in the work tree itself, and not when it is detached there', async () => {
    const work = workTree();
    expect(await inspect(work)).toMatchObject({ mainCheckedOutAt: work, gitDir: join(work, '.git') });
    bed.git(['switch', '--quiet', '--detach']);
    expect(await inspect(work)).toMatchObject({ mainCheckedOutAt: null });
  });

  test('sees main checked out in a linked work tree, also in one of a bare repository whose HEAD is main', async () => {
    const linked = join(bed.root, 'linked tree');
    bed.git(['worktree', 'add', '--quiet', linked, 'main'], bed.dir);
    expect(bed.git(['symbolic-ref', 'HEAD'], bed.dir)).toBe('refs/heads/main');
    expect(await inspect(bed.dir)).toMatchObject({ mainCheckedOutAt: linked });
  });

  test('sees that main stands for a branch that is checked out', async () => {
    const work = workTree();
    bed.git(['branch', '--quiet', '--move', 'main', 'trunk']);
    bed.git(['symbolic-ref', 'refs/heads/main', 'refs/heads/trunk']);
    expect(await inspect(work)).toMatchObject({ mainCheckedOutAt: work });
  });

  test('sees that the folder of such a work tree is gone, of which git keeps a note', async () => {
    const linked = join(bed.root, 'linked');
    bed.git(['worktree', 'add', '--quiet', linked, 'main'], bed.dir);
    expect(await inspect(bed.dir)).toMatchObject({ mainCheckedOutAt: linked, cannotFollow: null });
    rmSync(linked, { recursive: true });
    expect(await inspect(bed.dir)).toMatchObject({ mainCheckedOutAt: linked, cannotFollow: 'gone' });
    bed.git(['worktree', 'prune'], bed.dir);
    expect(await inspect(bed.dir)).toMatchObject({ mainCheckedOutAt: null, cannotFollow: null });
  });

  test.each([
    ['shallow', '--depth=1'],
    ['partial', '--filter=blob:none'],
  ])('sees a %s clone', async (incomplete, option) => {
    bed.commit('feature', { 'a.txt': 'a\n' }, 'main');
    const clone = join(bed.root, incomplete);
    bed.config(bed.dir, 'uploadpack.allowFilter', 'true');
    const args = ['--quiet', '--bare', '--no-single-branch', option];
    bed.git(['clone', ...args, `file://${bed.dir}`, clone], bed.root);
    expect(await inspect(clone)).toMatchObject({ incomplete });
  });

  test('sees that a branch has nothing in common with main', async () => {
    bed.commit('feature', { 'a.txt': 'a\n' }, 'main');
    expect(await inspect(bed.dir)).toMatchObject({ isUnrelated: false });
    bed.git(
      ['branch', '--force', 'feature', bed.git(['commit-tree', 'main^{tree}', '-m', 'island'], bed.dir)],
      bed.dir,
    );
    expect(await inspect(bed.dir)).toMatchObject({ isUnrelated: true });
  });

  test('from a linked work tree and from a subfolder is the same repository', async () => {
    const work = workTree();
    const linked = join(bed.root, 'linked');
    bed.git(['worktree', 'add', '--quiet', linked, 'feature']);
    mkdirSync(join(work, 'src'));
    const gitDir = join(work, '.git');
    for (const path of [work, join(work, 'src'), linked, gitDir])
      expect(await inspect(path)).toMatchObject({ gitDir, branchOid: bed.head('feature') });
  });

  test('warns of uncommitted changes of the branch, staged or not, wherever it is checked out', async () => {
    const work = workTree();
    bed.git(['switch', '--quiet', 'feature']);
    expect(await inspect(work)).toMatchObject({ branchDirtyAt: null });
    writeFileSync(join(work, 'feature.txt'), 'FEATURE\n');
    expect(await inspect(work)).toMatchObject({ branchDirtyAt: work });
    bed.git(['add', '--all']);
    expect(await inspect(work)).toMatchObject({ branchDirtyAt: work });
    bed.git(['reset', '--quiet', '--hard']);
    writeFileSync(join(work, 'untracked.txt'), '');
    utimesSync(join(work, 'feature.txt'), 1, 1);
    // Touched, or not tracked at all: neither is a change.
    expect(await inspect(work)).toMatchObject({ branchDirtyAt: null });
  });

  test('works where the path holds blanks and other signs', async () => {
    bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
    const path = join(bed.root, `a b%41#'ü`, 'web.git');
    cpSync(bed.dir, path, { recursive: true });
    expect(await inspect(path)).toMatchObject({ gitDir: path, branchOid: bed.head('feature') });
  });
});
