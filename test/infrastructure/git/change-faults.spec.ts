import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BranchUnusable } from '../../../src/application/ports/git-workspace';
import { codeOf, GitBed, TASK } from './git-bed';

let bed: GitBed;
let base: string;
beforeEach(() => {
  bed = new GitBed();
  base = bed.head('main') ?? '';
});
afterEach(() => {
  bed.dispose();
});

type Entry = readonly [mode: string, name: string | Buffer, oid: string];

/** An object as it is given, whether or not git would make such a one. */
function object(type: string, bytes: Buffer | string): string {
  const file = bed.plant(join(bed.root, 'raw'), '');
  writeFileSync(file, bytes);
  return bed.git(['hash-object', '-t', type, '-w', '--literally', file], bed.dir);
}
const blob = (text: string) => object('blob', text);
const tree = (...entries: readonly Entry[]) =>
  object(
    'tree',
    Buffer.concat(
      entries.flatMap(([mode, name, oid]) => [
        Buffer.from(`${mode} `),
        Buffer.from(name),
        Buffer.from([0]),
        Buffer.from(oid, 'hex'),
      ]),
    ),
  );
const file = (name: string | Buffer, text = 'text\n'): Entry => ['100644', name, blob(text)];
const folder = (name: string, ...entries: readonly Entry[]): Entry => ['40000', name, tree(...entries)];
const link = (name: string, target: string): Entry => ['120000', name, blob(target)];
const onMain = (treeOid: string, parent = base) =>
  bed.git(['commit-tree', treeOid, '-p', parent, '-m', 'change'], bed.dir);
const WHO = 'Ann <a@b.c> 1700000000 +0000';
const commit = (...header: readonly string[]) => object('commit', `${header.join('\n')}\n\nchange\n`);

/** Lets the branch name it, as a push would; `update-ref` itself is choosy. */
function push(oid: string, branch = 'feature'): string {
  const ref = join(bed.dir, 'refs/heads', branch);
  mkdirSync(dirname(ref), { recursive: true });
  writeFileSync(ref, `${oid}\n`);
  return oid;
}

const fetch = () => bed.workspace.fetch(bed.repository(), TASK, 'feature');

/** Everything that a job does with a branch, up to the first thing that fails. */
async function wholeWay(): Promise<string> {
  const { headOid, baseOid, containsBase } = await fetch();
  const options = { oid: headOid, baseOid, depth: 'full', name: 'run' } as const;
  await (await bed.workspace.disposableClone(bed.repository(), options)).dispose();
  if (containsBase) return 'current';
  const asked = { task: TASK, branch: 'feature', headOid, baseOid };
  const outcome = await bed.workspace.rebase(bed.repository(), asked);
  if (outcome.kind !== 'rebased') return outcome.kind;
  await (await bed.workspace.disposableClone(bed.repository(), { ...options, oid: outcome.newOid })).dispose();
  return 'rebased';
}

async function faultOf(work: Promise<unknown>): Promise<BranchUnusable> {
  const error = await work.then(
    (value) => new Error(`expected a refusal, saw ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof BranchUnusable)) throw error;
  return error;
}

const DEEP = 25;
const deep = () => {
  let inner = folder('d'.repeat(200), file('x'));
  for (let level = 1; level < DEEP; level += 1) inner = folder('d'.repeat(200), inner);
  return inner;
};

/** Trees that git cannot check out as they are, and what is said of them. */
const TREES: readonly (readonly [string, () => readonly Entry[], RegExp])[] = [
  ['a folder .git', () => [folder('.git', file('config'))], /saw "\.git", a name that git keeps for itself/],
  ['a file .git', () => [file('.git')], /"\.git", a name/],
  ['.git in other letters', () => [folder('.GIT', file('config'))], /"\.GIT", a name/],
  ['.git as old Windows spells it', () => [folder('git~1', file('config'))], /"git~1", a name/],
  ['.git with a blank behind it', () => [file('.git ')], /a name that git keeps/],
  ['.git further down', () => [folder('a', folder('.git', file('config')))], /"a\/\.git", a name/],
  ['a folder called .', () => [folder('.', file('x'))], /"\.", a name/],
  ['a folder called ..', () => [folder('..', file('x'))], /"\.\.", a name/],
  ['a name with a slash', () => [file('a/b')], /"a\/b" as the name of one entry/],
  ['an absolute name', () => [file('/etc/x')], /"\/etc\/x", a name/],
  ['a name that is empty', () => [file('')], /an object that it cannot use \(empty filename in tree entry\)/],
  ['a name of 256 bytes', () => [file('n'.repeat(256))], /a name of 256 bytes; file systems take 255/],
  ['such a name in letters of two bytes', () => [file('ü'.repeat(128))], /a name of 256 bytes/],
  ['a folder of 300 bytes', () => [folder('d'.repeat(300), file('x'))], /a name of 300 bytes/],
  ['a path of 5,000 bytes', () => [deep()], /a path of \d+ bytes; the system takes 4095/],
  ['a name twice', () => [file('main.txt'), file('main.txt', 'other')], /"main\.txt" twice in its folder/],
  ['a file and a folder of one name', () => [file('a'), file('a.b'), folder('a', file('x'))], /"a" twice/],
  ['a link and a folder of one name', () => [link('a', '/etc'), folder('a', file('x'))], /"a" twice/],
  ['names out of order', () => [file('z'), file('b')], /"b" out of order in its folder/],
  ['a mode that is none', () => [['1xx', 'a', blob('x')]], /malformed mode in tree entry/],
  ['a file as a folder', () => [['40000', 'a', blob('x')]], /not a tree/],
  ['a folder as a file', () => [['100644', 'a', tree(file('x'))]], /"a" as a file, where its object is none/],
  ['an object of zeros', () => [['100644', 'a', '0'.repeat(40)]], /unable to read 0+/],
  ['a commit of nobody knows where', () => [['160000', 'a', base]], /"a", a commit of another repository/],
  ['a link to nothing', () => [link('a', '')], /"a", a link to nothing/],
  ['a link of 5,000 bytes', () => [link('a', 'x'.repeat(5_000))], /a link of 5000 bytes/],
  ['a link with a NUL byte', () => [link('a', 'x\0y')], /"a", a link that holds a NUL byte/],
  ['.gitmodules as a link', () => [link('.gitmodules', 'x')], /"\.gitmodules" as a link/],
];

describe('a branch that git cannot check out is the change’s own fault', () => {
  test.each(TREES)('%s', async (_what, entries, words) => {
    const headOid = push(onMain(tree(...entries())));
    const fault = await faultOf(wholeWay());
    expect(fault.message).toMatch(/^feature at [0-9a-f]{12}: expected commits that git can check out, saw /);
    expect(fault.message).toMatch(words);
    expect(fault).toMatchObject({ fault: 'unusable-branch', headOid });
    expect(bed.exists(bed.own(), 'HEAD')).toBe(true);
  });

  test('a tree that is cut short', async () => {
    push(onMain(object('tree', '100644 a\0abc')));
    expect((await faultOf(fetch())).message).toMatch(/too-short tree object/);
  });

  test.each([
    ['a commit without a tree', () => commit(`parent ${base}`, `author ${WHO}`, `committer ${WHO}`), /bogus commit/],
    [
      'a commit whose tree is a file',
      () => commit(`tree ${blob('x')}`, `parent ${base}`, `author ${WHO}`, `committer ${WHO}`),
      /not a/,
    ],
    [
      'a commit whose parent is a file',
      () => commit(`tree ${tree(file('x'))}`, `parent ${blob('x')}`, `author ${WHO}`, `committer ${WHO}`),
      /not a commit/,
    ],
    ['a branch that names no commit', () => blob('x'), /no commit at all|not a commit/],
  ])('%s', async (_what, make, words) => {
    push(make());
    expect((await faultOf(fetch())).message).toMatch(words);
  });

  describe('where a rebase finds it', () => {
    beforeEach(() => {
      bed.push('main', { 'later.txt': 'later\n' });
    });

    test.each([
      ['a commit without an author', () => commit(`tree ${tree(file('f'))}`, `parent ${base}`, `committer ${WHO}`)],
      ['a commit with a file .git before the head', () => onMain(tree(file('f')), onMain(tree(file('.git'))))],
      ['a commit with a long name before the head', () => onMain(tree(file('f')), onMain(tree(file('n'.repeat(256)))))],
    ])('%s', async (_what, make) => {
      const headOid = push(make());
      const fault = await faultOf(wholeWay());
      expect(fault.message).toMatch(/saw in commit [0-9a-f]{12} /);
      expect(fault).toMatchObject({ fault: 'unusable-branch', headOid });
    });

    test.each([
      ['one commit', () => commit(`tree ${tree(file('f'))}`, `author ${WHO}`, `committer ${WHO}`)],
      [
        'a merge',
        () => {
          const [a, b] = ['a', 'b'].map((name) =>
            commit(`tree ${tree(file(name))}`, `author ${WHO}`, `committer ${WHO}`),
          );
          return bed.git(['commit-tree', tree(file('f')), '-p', a ?? '', '-p', b ?? '', '-m', 'm'], bed.dir);
        },
      ],
    ])('a history that has nothing in common with main: %s', async (_what, make) => {
      const headOid = push(make());
      const fault = await faultOf(wholeWay());
      expect(fault.message).toMatch(/expected a commit in common with main, saw none; rebase it onto main$/);
      expect(fault).toMatchObject({ fault: 'unrelated-history', headOid });
    });
  });
});

describe('what is odd and no hindrance goes its way', () => {
  beforeEach(() => {
    bed.push('main', { 'later.txt': 'later\n' });
  });
  const main = (): Entry => ['100644', 'main.txt', bed.git(['rev-parse', 'main:main.txt'])];

  test.each<readonly [string, () => readonly Entry[]]>([
    ['names that differ in their letters’ case', () => [file('README'), main(), file('readme', 'other')]],
    ['a link that leads out', () => [link('a', '/etc/passwd'), main()]],
    ['a name of 255 bytes', () => [main(), file('n'.repeat(255))]],
    ['two names in no encoding', () => [file(Buffer.from([0x61, 0xfe])), file(Buffer.from([0x61, 0xff])), main()]],
    ['a name with a line break and an escape', () => [file('a\n\x1b[31mb'), main()]],
    ['a backslash', () => [file('a\\b'), main()]],
    ['an old mode', () => [['100600', 'a', blob('x')], main()]],
    ['a hundred links', () => [...Array.from({ length: 100 }, (_, n) => link(`l${100 + n}`, `to/${n}\n`)), main()]],
  ])('%s', async (_what, entries) => {
    push(onMain(tree(...entries())));
    expect(await wholeWay()).toBe('rebased');
  });

  test.each([
    ['no committer', () => commit(`tree ${tree(main())}`, `parent ${base}`, `author ${WHO}`)],
    [
      'a date from far away',
      () =>
        commit(
          `tree ${tree(main(), file('z'))}`,
          `parent ${base}`,
          `author A <a@b> 9999999999999999999 +0000`,
          `committer ${WHO}`,
        ),
    ],
    [
      'an encoding nobody knows',
      () =>
        commit(
          `tree ${tree(main(), file('z'))}`,
          `parent ${base}`,
          `author ${WHO}`,
          `committer ${WHO}`,
          'encoding no-such',
        ),
    ],
  ])('%s', async (_what, make) => {
    push(make());
    expect(await wholeWay()).toMatch(/rebased|nothing-left/);
  });
});

describe('what is not the branch’s', () => {
  test('the same fault in main is told as main’s, and nobody else’s', async () => {
    const bad = onMain(tree(folder('.git', file('config'))));
    push(bad, 'main');
    push(bed.git(['commit-tree', `${bad}^{tree}`, '-p', bad, '-m', 'more'], bed.dir));
    expect(await codeOf(fetch())).toBe('GIT_MAIN_UNUSABLE');
  });

  test.each<readonly [string, () => Entry]>([
    ['a file', () => ['100644', 'a', '1'.repeat(40)]],
    ['a folder', () => ['40000', 'a', '1'.repeat(40)]],
  ])('%s whose object is gone is the repository’s damage: no push leaves that', async (_what, entry) => {
    push(onMain(tree(entry())));
    expect(await codeOf(fetch())).toBe('GIT_FAILED');
  });

  test('files that a machine does not write are the machine’s, though the checkout itself ends well', async () => {
    push(onMain(tree(file('a'), file('b'))));
    const { headOid, baseOid } = await fetch();
    // As a full disk does it: one file is left out, it is said, and the exit code is 0.
    bed.fakeGit(`case " $* " in
  *" checkout "*) "$REAL_GIT" "$@"; rm -f a; echo 'error: unable to write file a' >&2; exit 0;;
  *" reset "*) echo 'error: unable to write file a: No space left on device' >&2; exit 128;;
esac
exec "$REAL_GIT" "$@"`);
    const clone = bed.workspace.disposableClone(bed.repository(), {
      oid: headOid,
      baseOid,
      depth: 'full',
      name: 'run',
    });
    expect(await codeOf(clone)).toBe('GIT_FAILED');
  });
});
