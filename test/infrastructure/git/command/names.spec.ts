import { execFileSync, spawnSync } from 'node:child_process';
import { isBranchName } from '../../../../src/domain/ids';
import { inspectRepository } from '../../../../src/infrastructure/git/inspect';
import { branchRef, epochRef, taskRef } from '../../../../src/infrastructure/git/command/names';
import { codeOf, GitBed, TASK } from '../git-bed';

let bed: GitBed;
beforeAll(() => {
  bed = new GitBed();
});
afterAll(() => {
  bed.dispose();
});

/** Names that are an option, a command, a pattern or another ref to somebody on the way. CANARY stands for a command. */
const HOSTILE = [
  '--upload-pack=CANARY',
  '--exec=CANARY',
  '--output=CANARY',
  '--help',
  '-x',
  '-',
  '--',
  'a/-b',
  'a/--upload-pack=CANARY',
  'ext::sh -c CANARY',
  '$(CANARY)',
  '`CANARY`',
  'a;CANARY',
  'a|CANARY',
  'a&&CANARY',
  'a\nCANARY',
  'a\0b',
  'a b',
  '',
  ' ',
  '@',
  '@{-1}',
  'main@{1}',
  'a@{u}',
  'HEAD^',
  'HEAD~1',
  'main^{tree}',
  ':/fix',
  'a:b',
  '+refs/heads/main:refs/heads/main',
  'a..b',
  '../../refs/heads/main',
  '/etc/passwd',
  'a//b',
  'a/',
  'a.',
  'a/.b',
  'a.lock',
  'a/b.lock/c',
  '*',
  'feat/*',
  'a?',
  'a[b]',
  'a\\b',
  '<img src=x>',
  'ａ',
  'x'.repeat(201),
];

test(`none of ${HOSTILE.length} hostile branch names is a branch name, and each that git accepts is refused by us`, () => {
  expect(HOSTILE.length).toBeGreaterThanOrEqual(40);
  for (const name of HOSTILE) {
    expect({ name, isAllowed: isBranchName(name) }).toEqual({ name, isAllowed: false });
    expect(() => branchRef(name)).toThrow(/expected a plain name/);
  }
});

test('no hostile name reaches git: nothing it spells is run, written or changed', async () => {
  const repository = bed.repository();
  const before = bed.refs();
  for (const template of HOSTILE) {
    const branch = template.replace('CANARY', bed.canary('option'));
    const calls = [
      bed.workspace.fetch(repository, TASK, branch),
      bed.workspace.heads(repository, [branch]),
      bed.workspace.agentClone(repository, { branch, baseOid: bed.head('main') ?? '', name: 'clone' }),
      inspectRepository(repository, branch),
      bed.workspace.fetch({ ...repository, main: branch }, TASK, 'main'),
    ];
    const codes = await Promise.all(calls.map(codeOf));
    expect({ branch, codes }).toEqual({ branch, codes: calls.map(() => 'GIT_BRANCH_MISSING') });
  }
  expect(bed.sung()).toEqual([]);
  expect(bed.refs()).toBe(before);
});

test.each(['main', 'feature/x-1', 'a.b_c', '0', '_x', 'release-1.0', 'a/b/c', 'x'.repeat(200)])(
  'the plain name %s is a branch for us and for git',
  (name) => {
    expect(branchRef(name)).toBe(`refs/heads/${name}`);
    expect(spawnSync('git', ['check-ref-format', '--branch', name]).status).toBe(0);
  },
);

test('what the allow-list lets through is never a name that git refuses', () => {
  const parts = ['a', 'A', '0', '_', '.', '-', '/', '..', '.lock', '@'];
  const names = parts.flatMap((a) => parts.flatMap((b) => parts.map((c) => a + b + c))).filter(isBranchName);
  // A hundred processes are started faster by a shell.
  const script = 'for name; do git check-ref-format --branch "$name" >/dev/null 2>&1 || echo "$name"; done';
  const refusedOf = (list: readonly string[]) =>
    execFileSync('sh', ['-c', script, 'sh', ...list], { encoding: 'utf8' });
  expect(names.length).toBeGreaterThan(50);
  expect(refusedOf(names)).toBe('');
  expect(refusedOf(['main', 'a..b'])).toBe('a..b\n');
});

test('a task never shares a ref with another: keys hold no slash, and what is no task id gets no ref', () => {
  expect(taskRef('landed', 'web.T-1')).toBe('refs/stagegate/landed/web/T-1');
  for (const id of ['web', 'web.', 'web.T/1', 'web.T-1.lock', 'web.../x', 'WEB.T', 'web.-x', 'web.T 1'])
    expect(() => taskRef('landed', id)).toThrow(/expected a task id/);
  expect(() => epochRef('web', '../../heads/main')).toThrow(/expected a log/);
});

test('a branch with the name of an option is listed by git, and is not a branch to land', async () => {
  bed.git(['update-ref', 'refs/heads/--upload-pack=x', bed.head('main') ?? ''], bed.dir);
  expect(bed.refs()).toContain('refs/heads/--upload-pack=x');
  expect(await codeOf(bed.workspace.fetch(bed.repository(), TASK, '--upload-pack=x'))).toBe('GIT_BRANCH_MISSING');
});
