import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LandingsBed, lines } from '../infrastructure/git/landings/landings-bed';
import { ATTRIBUTES, COMMAND_KEYS, configText, TRIGGERS } from '../infrastructure/git/planted-config';
import { lastJson, startCli } from '../support/cli';
import { CliSession } from '../support/cli-session';

jest.setTimeout(60_000);

const NAME = 'né\n"\u001b[31m';
const session = new CliSession();
let bed: LandingsBed;
let fix: string;
let bad: string;

/** One landing of four undoes a fix of main. */
beforeAll(() => {
  bed = new LandingsBed();
  bed.branch('stale', { 'a.txt': lines('a', 12, { 1: 'of the branch' }) });
  fix = bed.main({ 'b.txt': lines('b', 12, { 3: 'the fix' }) }, 'Fix the price');
  bad = bed.mergeWithTree('stale', bed.git(['rev-parse', 'stale^{tree}']));
});
afterAll(async () => {
  bed.dispose();
  rmSync(temp, { recursive: true });
  await session.close();
});

const temp = mkdtempSync(join(tmpdir(), 'stagegate-temp-'));
const audit = (...args: readonly string[]) => session.run(['audit', 'landings', ...args], { TMPDIR: temp });
const temporary = () => readdirSync(temp);

/** Every file of a folder with its content. */
function contents(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const at = join(dir, name);
      return statSync(at).isFile() ? `${name} ${readFileSync(at).toString('base64')}` : name;
    });
}

it('names the landing, the commit that it undid and the files, and ends with 3', async () => {
  const before = contents(bed.work);
  const { code, stdout, stderr } = await audit(bed.work);
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
  const day = '\\d{4}-\\d\\d-\\d\\d';
  const block = `^${bad.slice(0, 10)}  ${day}  Ann: Merge stale\n  undid ${fix.slice(0, 10)}  ${day}  Ann: Fix the price\n    old-content  b\\.txt\n\n`;
  expect(stdout).toMatch(new RegExp(block));
  expect(stdout).toMatch(/\/work\/\.git, branch main, \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d/);
  expect(stdout).toMatch(/^1 merges, 0 of them resolved by hand; 3 commits with one parent or none$/m);
  expect(stdout).toMatch(/^4 landings looked at, 1 with findings, 1 files$/m);
  expect(contents(bed.work)).toEqual(before);
  expect(temporary()).toEqual([]);
});

it('says the same as JSON: a line for each finding, then what was looked at', async () => {
  const { code, stdout } = await audit(bed.work, '--json');
  const [finding, last, ...more] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect([code, more]).toEqual([3, []]);
  expect(finding).toMatchObject({
    landing: { oid: bad, subject: 'Merge stale' },
    rule: 'old-content',
    ruleVersion: 1,
    path: 'b.txt',
    undone: [{ oid: fix, author: 'Ann', subject: 'Fix the price' }],
    lines: ['-the fix', '+b line 3 of the first version'],
  });
  expect(last).toMatchObject({
    summary: {
      branch: 'main',
      tip: bad,
      landings: 4,
      kinds: { clean: 1, 'by-hand': 0, commit: 2, octopus: 0, root: 1 },
      flagged: 1,
      findings: 1,
      unread: 0,
      isShallow: false,
      isCut: false,
      cutShort: null,
    },
  });
});

it('ends with 0 where nothing was undone', async () => {
  const { code, stdout } = await audit(bed.work, '--branch', 'stale');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^3 landings looked at, nothing was undone without a word$/m);
});

describe('takes any repository', () => {
  const clone = (name: string, ...args: readonly string[]) => {
    const at = join(bed.root, name);
    bed.git(['clone', '--quiet', ...args, bed.work, at], bed.root);
    return at;
  };

  it.each([
    ['a bare one', () => clone('bare copy.git', '--bare')],
    ['one that borrows its objects', () => clone('shared', '--shared')],
    ['a folder in it', () => join(bed.work, 'src')],
    [
      'a linked work tree, whose .git is a file',
      () => {
        const at = join(bed.root, 'linked');
        bed.git(['worktree', 'add', '--quiet', '--detach', at, 'main']);
        return at;
      },
    ],
  ])('%s', async (_what, make) => {
    const told = await audit(make(), '--json');
    expect(told.code).toBe(3);
    expect(lastJson(told)).toMatchObject({ summary: { landings: 4, flagged: 1 } });
  });

  it('a remote-tracking branch, by its name', async () => {
    const at = clone('tracking');
    bed.git(['switch', '--quiet', '-c', 'mine', 'HEAD~1'], at);
    expect((await audit(at)).code).toBe(0);
    expect((await audit(at, '--branch', 'origin/main')).code).toBe(3);
  });

  it('one of SHA-256, and a name that would end a line', async () => {
    const other = join(bed.root, 'sha256');
    bed.git(['init', '--quiet', '--initial-branch=main', '--object-format=sha256', other], bed.root);
    const commit = (text: string, message: string) => {
      writeFileSync(join(other, NAME), text);
      writeFileSync(join(other, 'beside'), message);
      bed.git(['add', '--all'], other);
      bed.git(['commit', '--quiet', '-m', message], other);
    };
    commit(lines('n'), 'Begin\u001b[31m');
    commit(lines('n', 12, { 3: 'the fix' }), 'Fix');
    commit(lines('n'), 'Oops');
    const { code, stdout } = await audit(other);
    expect(code).toBe(3);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toMatch(/^ +old-content +né\S* */m);
  });

  it('a shallow one as far as it goes, and says so', async () => {
    const at = clone('shallow', '--depth=2', '--no-local');
    const told = await audit(at, '--json');
    expect(told.stderr).toMatch(/^warning the clone is shallow: landings behind its end cannot be seen/);
    expect(lastJson(told)).toMatchObject({ summary: { isShallow: true, landings: 2 } });
    expect([0, 3]).toContain(told.code);
  });
});

describe('a part of it', () => {
  it.each([
    [['--limit', '1'], 1, true],
    [['--limit', '4'], 4, false],
    [['--limit', 'all'], 4, false],
    [['--since', 'HEAD~1'], 1, false],
    [['--since', '1d'], 4, false],
    [['--since', '2001-02-03'], 4, false],
    [['--since', '2100-01-01'], 0, false],
    [['--since', '2100-01-01T00:00:00Z'], 0, false],
  ])('%j', async (args, landings, isCut) => {
    expect(lastJson(await audit(bed.work, '--json', ...args))).toMatchObject({ summary: { landings, isCut } });
  });

  it('says how to see the rest', async () => {
    const { stderr } = await audit(bed.work, '--limit', '1');
    expect(stderr).toBe('only the newest 1; --limit all looks at the whole history\n');
  });
});

describe('refuses in a line', () => {
  let empty: string;
  beforeAll(() => {
    empty = mkdtempSync(join(tmpdir(), 'stagegate-none-'));
    bed.git(['init', '--quiet', '--initial-branch=main', join(empty, 'new')], empty);
    mkdirSync(join(empty, 'folder'));
    writeFileSync(join(empty, 'file'), '');
  });
  afterAll(() => {
    rmSync(empty, { recursive: true });
  });

  it.each([
    [() => [join(empty, 'folder')], /expected a git repository, saw none/],
    [() => [join(empty, 'file')], /expected a git repository, saw no folder/],
    [() => [join(empty, 'nowhere')], /expected a git repository, saw no folder/],
    [() => [join(empty, 'new')], /expected commits on main, saw none; name another --branch/],
    [() => ['https://example.com/x.git'], /repository: expected a path on this machine, saw something like a URL/],
    [() => [bed.work, '--branch', 'nope'], /expected a branch of .*, saw "nope"/],
    [() => [bed.work, '--branch', '--all'], /expected a branch of .*, saw "--all"|argument missing/],
    [() => [bed.work, '--branch', 'main..stale'], /saw "main\.\.stale"/],
    [() => [bed.work, '--branch', ''], /saw ""/],
    [() => [bed.work, '--since', 'yesterday'], /--since: expected a day such as 2025-01-31.* saw "yesterday"/],
    [() => [bed.work, '--since', '--all'], /--since|argument missing/],
    [() => [bed.work, '--since', '2025-02-30'], /--since: expected/],
    [() => [bed.work, '--limit', '0'], /--limit: expected a whole number from 1 on, or all, saw "0"/],
    [() => [bed.work, '--limit', '-5'], /--limit|argument missing/],
    [() => [], /missing required argument 'repository'/],
  ])('%#', async (args, line) => {
    const { code, stdout, stderr } = await audit(...args());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(line);
    expect(temporary()).toEqual([]);
  });
});

it('runs nothing that the repository names, and writes nothing there', async () => {
  const other = new LandingsBed();
  try {
    const canary = join(other.root, 'canary');
    other.branch('one', { '.gitattributes': ATTRIBUTES, 'a.txt': lines('a', 12, { 1: 'branch' }) });
    other.main({
      '.gitattributes': ATTRIBUTES,
      'a.txt': lines('a', 12, { 9: 'main' }),
      'b.txt': lines('b', 12, { 1: 'm' }),
    });
    other.mergeWithTree('one', other.git(['rev-parse', 'one^{tree}']));
    const hooks = join(other.work, '.git/hooks');
    mkdirSync(hooks, { recursive: true });
    for (const name of ['post-checkout', 'reference-transaction', 'post-index-change', 'fsmonitor-watchman']) {
      writeFileSync(join(hooks, name), `#!/bin/sh\necho ${name} >> ${canary}\n`);
      chmodSync(join(hooks, name), 0o755);
    }
    const sing = (key: string) => `echo ${key} >> ${canary}; false`;
    appendFileSync(join(other.work, '.git/config'), configText([...COMMAND_KEYS, ...Object.keys(TRIGGERS)], sing));
    const before = contents(other.work);
    const { code } = await audit(other.work);
    expect(code).toBe(3);
    expect(existsSync(canary)).toBe(false);
    expect(contents(other.work)).toEqual(before);
  } finally {
    other.dispose();
  }
});

it('ends at once at Ctrl-C with what was found by then, and leaves nothing behind', async () => {
  const other = new LandingsBed();
  try {
    const script = Array.from({ length: 3_000 }, (_, at) => {
      const text = lines('a', 12, { 1: `version ${at}` });
      return `commit refs/heads/long\ncommitter Ann <a@b.c> now\ndata 2\nx\nM 100644 inline a.txt\ndata ${text.length}\n${text}\n`;
    });
    other.git(['fast-import', '--quiet', '--date-format=now'], other.work, script.join(''));
    const cli = startCli(['audit', 'landings', other.work, '--branch', 'long', '--limit', 'all', '--json'], {
      TMPDIR: temp,
    });
    setTimeout(() => cli.child.kill('SIGINT'), 1_500);
    const told = await cli.ended;
    expect(told.code).toBe(130);
    const { summary } = lastJson(told) as { summary: { landings: number; cutShort: string } };
    expect(summary).toMatchObject({ cutShort: 'interrupted' });
    expect(summary.landings).toBeLessThan(3_000);
    expect(temporary()).toEqual([]);
  } finally {
    other.dispose();
  }
});
