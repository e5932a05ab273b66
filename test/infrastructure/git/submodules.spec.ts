import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { RepositoryRef } from '../../../src/application/ports/git-workspace';
import { inspectRepository } from '../../../src/infrastructure/git/inspect';
import { SampleRepository } from '../../support/sample-repository';
import { codeOf, GitBed, TASK } from './git-bed';

const URL = 'https://example.org/lib.git';
let bed: GitBed;
/** The repository behind `URL`, as somebody has mirrored it here. */
let lib: SampleRepository;
beforeEach(() => {
  bed = new GitBed();
  lib = new SampleRepository();
});
afterEach(() => {
  bed.dispose();
  lib.dispose();
});

interface Tree {
  readonly links?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly gone?: readonly string[];
}

/** Commits in a bare repository; a new branch begins at main. No file system has to hold what is in there. */
function commit(branch: string, { links = {}, files = {}, gone = [] }: Tree, at: SampleRepository = bed): string {
  const from = at.head(branch) === null ? 'main' : branch;
  const script = [
    `commit refs/heads/${branch}`,
    'committer Ann <a@b.c> now',
    'data 7',
    'change\n',
    `from refs/heads/${from}^0`,
    ...gone.map((path) => `D ${path}`),
    ...Object.entries(links).map(([path, oid]) => `M 160000 ${oid} ${path}`),
    ...Object.entries(files).flatMap(([path, text]) => [
      `M 100644 inline ${path}`,
      `data ${Buffer.byteLength(text)}`,
      text,
    ]),
    '',
  ];
  at.git(['fast-import', '--quiet', '--date-format=now'], at.dir, script.join('\n'));
  return at.head(branch) ?? '';
}

/** Points a folder at a commit, as `git submodule add` does it. */
function point(branch: string, oid: string, { path = 'lib', url = URL, name = 'lib', modules = '' } = {}): string {
  const text = modules || `[submodule "${name}"]\n\tpath = ${path}\n\turl = ${url}\n`;
  return commit(branch, { links: { [path]: oid }, files: { '.gitmodules': text } });
}

/** Moves a pointer, and nothing else. */
const pointer = (branch: string, oid: string): string => commit(branch, { links: { lib: oid } });
/** Work that has nothing to do with a submodule. */
const work = (branch: string, file: string): string => commit(branch, { files: { [file]: `${file}\n` } });

const allowing = (...from: readonly [url: string, from: string][]): RepositoryRef => ({
  ...bed.repository(),
  submodules: { allowed: from.map(([url, path]) => ({ url, from: path })), includesOwn: false },
});

async function run(branch: string, repository: RepositoryRef = bed.repository(), depth: 'full' | number = 'full') {
  const { headOid: oid, baseOid } = await bed.workspace.fetch(repository, TASK, branch);
  return bed.workspace.disposableClone(repository, { oid, baseOid, depth, name: 'run' });
}

const words = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no fault',
    (error: unknown) => `${(error as { code: string }).code}: ${(error as Error).message}`,
  );

describe('a submodule whose source is not allowed', () => {
  test('is an empty folder, which is named; the branch lands', async () => {
    point('main', lib.head('main') ?? '');
    work('feature', 'feature.txt');
    const clone = await run('feature');
    expect(clone.emptyFolders).toEqual({ count: 1, paths: ['lib'] });
    expect(readdirSync(join(clone.dir, 'lib'))).toEqual([]);
    expect(bed.git(['status', '--porcelain'], clone.dir)).toBe('');
    work('main', 'later.txt');
    const landing = await bed.candidate('feature');
    expect(await bed.workspace.land(bed.repository(), landing)).toEqual({ kind: 'landed' });
    expect(bed.git(['ls-tree', 'main', 'lib'], bed.dir)).toContain(lib.head('main'));
    expect(await inspectRepository(bed.repository(), 'feature')).toMatchObject({
      unsupported: [],
      emptyFolders: { count: 1, paths: ['lib'] },
    });
  });

  test('keeps a branch that moves its pointer from running, at the start too', async () => {
    point('main', lib.head('main') ?? '');
    pointer('feature', lib.commit('main', { 'new.txt': 'new\n' }));
    const says = `"lib": expected the content of the submodule, which the branch changes, its source "${URL}" is not allowed; map it to a clone on this machine`;
    expect(await words(run('feature'))).toBe(`GIT_UNSUPPORTED: ${says}`);
    expect(await inspectRepository(bed.repository(), 'feature')).toMatchObject({ unsupported: [says] });
  });

  test('keeps a branch that says it is elsewhere from running', async () => {
    const oid = lib.head('main') ?? '';
    point('main', oid);
    point('feature', oid, { url: 'https://example.org/other.git' });
    expect(await words(run('feature'))).toMatch(/^GIT_UNSUPPORTED: "lib": .*other\.git" is not allowed/);
  });

  test('keeps nobody from running whose branch is older than where main has it now', async () => {
    point('main', lib.head('main') ?? '');
    work('feature', 'feature.txt');
    pointer('main', lib.commit('main', { 'new.txt': 'new\n' }));
    expect((await run('feature')).emptyFolders).toEqual({ count: 1, paths: ['lib'] });
  });

  test('may be removed by a branch', async () => {
    point('main', lib.head('main') ?? '');
    commit('feature', { gone: ['lib', '.gitmodules'] });
    expect((await run('feature')).emptyFolders).toBeUndefined();
  });

  test('counts, and only the first are named', async () => {
    const oid = lib.head('main') ?? '';
    const paths = Array.from({ length: 12 }, (_, index) => `lib${index + 10}`);
    commit('main', { links: Object.fromEntries(paths.map((path) => [path, oid])) });
    work('feature', 'feature.txt');
    // Without .gitmodules, as where a repository was once added within the repository: main has it so.
    expect((await run('feature')).emptyFolders).toEqual({ count: 12, paths: paths.slice(0, 10) });
  });
});

describe('a gitlink that nothing tells of', () => {
  test.each([
    ['no .gitmodules', ''],
    ['one that tells of another path', '[submodule "x"]\n\tpath = x\n\turl = https://example.org/x\n'],
    ['one whose URL is an option', '[submodule "lib"]\n\tpath = lib\n\turl = --upload-pack=x\n'],
    ['one that is none', '[submodule "lib"\n'],
  ])('is the fault of a branch that adds it: %s', async (_what, modules) => {
    if (modules === '') pointer('feature', lib.head('main') ?? '');
    else point('feature', lib.head('main') ?? '', { modules });
    expect(await words(bed.workspace.fetch(bed.repository(), TASK, 'feature'))).toMatch(
      /^GIT_BRANCH_UNUSABLE: .*"lib", a commit of another repository without a URL in \.gitmodules/,
    );
  });
});

describe('a submodule whose source is allowed', () => {
  test('is a repository of its own, at its commit, that shares nothing and knows no way back', async () => {
    lib.commit('main', { 'src/lib.txt': 'lib\n' });
    point('feature', lib.head('main') ?? '');
    const clone = await run('feature', allowing([URL, lib.dir]));
    expect(clone.emptyFolders).toBeUndefined();
    const dir = join(clone.dir, 'lib');
    expect(readFileSync(join(dir, 'src/lib.txt'), 'utf8')).toBe('lib\n');
    expect(bed.git(['rev-parse', 'HEAD'], dir)).toBe(lib.head('main'));
    expect(bed.git(['rev-parse', '--abbrev-ref', 'HEAD'], dir)).toBe('HEAD');
    expect(bed.git(['status', '--porcelain'], clone.dir)).toBe('');
    expect(bed.git(['remote'], dir)).toBe('');
    expect(bed.git(['fsck', '--full', '--strict'], dir)).toBe('');
    const files = readdirSync(join(dir, '.git'), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(dir, '.git', name),
    );
    expect(files.filter((path) => lstatSync(path).isFile() && lstatSync(path).nlink > 1)).toEqual([]);
    expect(files.filter((path) => lstatSync(path).isFile() && readFileSync(path, 'latin1').includes(lib.root))).toEqual(
      [],
    );
    expect(bed.exists(dir, '.git/objects/info/alternates')).toBe(false);
  });

  test('may come from a clone with its files around it, whose owner has set it up as they like', async () => {
    point('feature', lib.head('main') ?? '');
    bed.config(lib.work, 'core.fsmonitor', bed.canary('fsmonitor'));
    bed.config(lib.work, 'uploadpack.packObjectsHook', bed.canary('pack-objects'));
    bed.config(lib.work, 'core.worktree', '/nowhere');
    const { dir } = await run('feature', allowing([URL, lib.work]), 1);
    expect(readFileSync(join(dir, 'lib/main.txt'), 'utf8')).toBe('one\n');
    expect(bed.sung()).toEqual([]);
  });

  test.each([
    [
      'a clone without the commit',
      () => bed.dir,
      /expected commit [0-9a-f]{40} of the submodule in the clone that is allowed for it, it is not in .*; fetch it there$/,
    ],
    ['nothing', () => join(bed.root, 'none'), /no repository is at .*none; clone it there$/],
  ])('is refused for good where the source is %s', async (_what, from, says) => {
    point('feature', lib.head('main') ?? '');
    expect(await words(run('feature', allowing([URL, from()])))).toMatch(says);
    expect(await codeOf(run('feature', allowing([URL, from()])))).toBe('GIT_UNSUPPORTED');
  });

  test('brings its own submodules by the same rule', async () => {
    const deep = new SampleRepository();
    try {
      const modules =
        '[submodule "d"]\n\tpath = deep\n\turl = ../deep\n[submodule "e"]\n\tpath = other\n\turl = ../e\n';
      const oid = deep.head('main') ?? '';
      commit('main', { links: { deep: oid, other: oid }, files: { '.gitmodules': modules } }, lib);
      point('feature', lib.head('main') ?? '');
      const clone = await run('feature', allowing([URL, lib.dir], ['../deep', deep.dir]));
      expect(readFileSync(join(clone.dir, 'lib/deep/main.txt'), 'utf8')).toBe('one\n');
      expect(clone.emptyFolders).toEqual({ count: 1, paths: ['lib/other'] });
    } finally {
      deep.dispose();
    }
  });

  test('of a repository that contains itself ends', async () => {
    const modules = `[submodule "me"]\n\tpath = me\n\turl = ${URL}\n`;
    // No commit can name itself, so each level is a commit before.
    for (let level = 0; level < 8; level += 1)
      commit('main', { links: { me: lib.head('main') ?? '' }, files: { '.gitmodules': modules } }, lib);
    point('feature', lib.head('main') ?? '');
    const clone = await run('feature', allowing([URL, lib.dir]));
    expect(clone.emptyFolders).toEqual({ count: 1, paths: ['lib/me/me/me/me/me'] });
  });
});

describe('the clone that its user stands in', () => {
  const own = (): RepositoryRef => ({ ...bed.repository(), submodules: { allowed: [], includesOwn: true } });

  test('has the submodules that git has fetched there, whatever became of their files', async () => {
    point('feature', lib.head('main') ?? '', { name: 'third/lib' });
    mkdirSync(join(bed.dir, 'modules/third'), { recursive: true });
    bed.git(['clone', '--quiet', '--bare', lib.dir, join(bed.dir, 'modules/third/lib')]);
    bed.config(join(bed.dir, 'modules/third/lib'), 'core.bare', 'false');
    bed.config(join(bed.dir, 'modules/third/lib'), 'core.worktree', '../../../gone');
    expect(readFileSync(join((await run('feature', own())).dir, 'lib/main.txt'), 'utf8')).toBe('one\n');
  });

  test('is asked for none by a name that leads out of its folder', async () => {
    renameSync(lib.dir, join(bed.root, 'outside'));
    mkdirSync(join(bed.dir, 'modules'));
    point('feature', lib.head('main', lib.work) ?? '', { name: '../../outside' });
    expect(await codeOf(run('feature', own()))).toBe('GIT_UNSUPPORTED');
  });
});

describe('.gitmodules is data of the branch', () => {
  test.each(['!touch', 'include'])('and runs and reads nothing: %s', async (what) => {
    bed.plant(join(bed.root, 'secret'), `[submodule "lib"]\n\turl = ${URL}\n`);
    const more =
      what === 'include'
        ? `[include]\n\tpath = ${join(bed.root, 'secret')}\n`
        : `\tupdate = !${bed.canary('update')}\n`;
    const url = what === 'include' ? 'https://example.org/unknown' : URL;
    point('feature', lib.head('main') ?? '', { modules: `[submodule "lib"]\n\tpath = lib\n\turl = ${url}\n${more}` });
    const code = await codeOf(run('feature', allowing([URL, lib.dir])));
    if (what === 'include') expect(code).toBe('GIT_UNSUPPORTED');
    else expect(code).toMatch(/^resolved/);
    expect(bed.sung()).toEqual([]);
  });
});

describe('the rebase', () => {
  const pointers = (base: string, ours: string, theirs: string) => {
    point('main', base);
    pointer('feature', theirs);
    pointer('main', ours);
  };
  const rebased = async () => {
    const { headOid, baseOid } = await bed.workspace.fetch(bed.repository(), TASK, 'feature');
    return bed.workspace.rebase(bed.repository(), { task: TASK, branch: 'feature', headOid, baseOid });
  };
  /** What git says in a clone of the user's, whose submodules are not there. */
  const byGit = (): boolean => {
    const clone = join(bed.root, 'by-git');
    bed.git(['clone', '--quiet', '--branch', 'feature', bed.dir, clone]);
    try {
      bed.git(['rebase', '--quiet', 'origin/main'], clone);
      return true;
    } catch {
      return false;
    }
  };

  test('takes a pointer that one side has moved, whose commit nobody has', async () => {
    point('main', '1'.repeat(40));
    pointer('feature', '2'.repeat(40));
    work('main', 'later.txt');
    expect(byGit()).toBe(true);
    const done = await rebased();
    expect(done.kind).toBe('rebased');
    if (done.kind === 'rebased') expect(bed.git(['ls-tree', done.newOid, 'lib'], bed.own())).toContain('2'.repeat(40));
  });

  test.each([
    ['apart', '1'.repeat(40), '2'.repeat(40), '3'.repeat(40)],
    ['apart, where the commits are at hand', 'base', 'ours', 'theirs'],
  ])('conflicts where both have moved it: %s', async (what, base, ours, theirs) => {
    if (what === 'apart') pointers(base, ours, theirs);
    else {
      const first = lib.head('main') ?? '';
      pointers(first, lib.commit('main', { 'a.txt': 'a\n' }), lib.commit('side', { 'b.txt': 'b\n' }, first));
    }
    expect(byGit()).toBe(false);
    expect(await rebased()).toEqual({ kind: 'conflict', paths: ['lib'] });
  });
});
