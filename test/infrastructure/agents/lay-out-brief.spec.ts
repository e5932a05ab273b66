import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { layOutBrief } from '../../../src/infrastructure/agents/lay-out-brief';

const FILES = [{ name: '01-analysis.md', text: '# Analysis\n' }];
const IDENTITY = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];

let tree: string;
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'brief-'));
  git('init', '--quiet', '--initial-branch=feature');
  writeFileSync(join(tree, 'a.txt'), 'a\n');
});
afterEach(() => {
  rmSync(tree, { recursive: true, force: true });
});

function git(...args: readonly string[]): string {
  return execFileSync('git', [...IDENTITY, ...args], { cwd: tree, encoding: 'utf8' }).trim();
}

/** What an agent's commit has, when it takes along all it can. */
function committed(): readonly string[] {
  git('add', '--all');
  git('commit', '--quiet', '--all', '-m', 'all');
  return git('ls-tree', '-r', '--name-only', 'HEAD').split('\n');
}

it('the files are there to be read, and in no commit', async () => {
  const dir = await layOutBrief(tree, FILES);
  expect(dir).toBe(join(tree, '.stagegate'));
  expect(readFileSync(join(dir, '01-analysis.md'), 'utf8')).toBe('# Analysis\n');
  expect(git('status', '--porcelain')).toBe('?? a.txt');
  expect(committed()).toEqual(['a.txt']);
});

it.each(['!*\n', '*\n!*/\n!a.txt\n!.gitignore\n', '!.stagegate\n!.stagegate/**\n'])(
  'also where the tree takes ignored files back: %j',
  async (rules) => {
    writeFileSync(join(tree, '.gitignore'), rules);
    await layOutBrief(tree, FILES);
    expect(committed()).toEqual(['.gitignore', 'a.txt']);
  },
);

it.each<[string, (path: string) => void]>([
  [
    'a folder',
    (path) => {
      mkdirSync(path);
      writeFileSync(join(path, 'theirs'), 'x');
    },
  ],
  [
    'a file',
    (path) => {
      writeFileSync(path, 'x');
    },
  ],
  [
    'a link to another folder',
    (path) => {
      symlinkSync(tmpdir(), path);
    },
  ],
  [
    'a link to nowhere',
    (path) => {
      symlinkSync('/nowhere', path);
    },
  ],
])('%s that the branch has under that name stays as it is', async (_what, make) => {
  make(join(tree, '.stagegate'));
  const theirs = committed();
  const dir = await layOutBrief(tree, FILES);
  expect(basename(dir)).toMatch(/^\.stagegate-\w{6}$/);
  expect(readdirSync(dir).sort()).toEqual(['.gitignore', '01-analysis.md']);
  expect(git('status', '--porcelain')).toBe('');
  git('add', '--all');
  expect(git('ls-files').split('\n')).toEqual(theirs);
});

it.each(['../out', '.git', '.gitignore', 'a/b'])('a name that leads elsewhere is refused: %s', async (name) => {
  await expect(layOutBrief(tree, [{ name, text: '' }])).rejects.toThrow('expected a plain file name');
});
