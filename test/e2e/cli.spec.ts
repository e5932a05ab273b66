import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, type CliResult } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';
import { version } from '../../package.json';

jest.setTimeout(30_000);

let sample: SampleRepository;
let root: string;
const session = new CliSession();
afterAll(() => session.close());
beforeAll(() => {
  sample = new SampleRepository();
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  root = mkdtempSync(join(tmpdir(), 'stagegate-cli-'));
});
afterAll(() => {
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

/** A user's mistake: exit code 2, nothing on stdout, and one line that is no stack trace. */
async function expectRefused(args: readonly string[], says: RegExp, env: Record<string, string> = {}): Promise<void> {
  expectRefusal(await session.run(args, env, root), says);
}

function expectRefusal({ code, stdout, stderr }: CliResult, says: RegExp): void {
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/\n\s+at |Error:/);
}

const land = (branch: string, repo = sample.dir) => ['land', '--repo', repo, '--suite', 'true', '--', branch];

test('the program can be run by its name, however often it was built', () => {
  // npm makes it executable only when it links it for the first time; `npx stagegate` said "Permission denied" after that.
  const program = join(__dirname, '../../dist/cli.js');
  expect(statSync(program).mode & 0o111).toBe(0o111);
  // Nor is a file without its first line a program of Node's: a shell would read it.
  expect(execFileSync(program, ['--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('bad input is answered with one line and exit code 2', () => {
  it.each(['--upload-pack=x', '-x', 'a..b', '$(id)', 'a b', 'x.lock', '@'])('branch %s', async (branch) => {
    await expectRefused(land(branch), /branch: expected a plain name.*saw/);
  });
  it('by a process of its own, as all the others are', async () => {
    expectRefusal(await runCli(land('nope'), {}, root), /saw no nope/);
    expectRefusal(await runCli(['up'], { STAGEGATE_PROT: '1' }, root), /STAGEGATE_PROT: unknown variable/);
  });
  it('a branch that does not exist', () => expectRefused(land('nope'), /saw no nope/));
  it('main itself', () => expectRefused(land('main'), /expected a branch other than main/));
  it('a main that does not exist', () =>
    expectRefused([...land('feature').slice(0, 5), '--main', 'trunk', 'feature'], /saw no trunk/));
  it('no repository', () => expectRefused(land('feature', root), /expected a git repository/));
  it('no folder', () => expectRefused(land('feature', '/no/such/folder'), /expected a git repository/));
  it('main checked out in several work trees, with what to do instead', async () => {
    sample.git(['switch', '--quiet', 'main']);
    sample.git(['worktree', 'add', '--quiet', '--force', join(root, 'second'), 'main']);
    await expectRefused(land('feature', sample.work), /main.* is checked out at .* and at .*git switch --detach/);
    sample.git(['worktree', 'remove', join(root, 'second')]);
  });
  it('a submodule that the branch adds and nothing is allowed for', async () => {
    const oid = sample.head('main') ?? '';
    sample.git(['switch', '--quiet', '-c', 'sub', 'main']);
    sample.git(['config', '--file', '.gitmodules', 'submodule.lib.path', 'lib']);
    sample.git(['config', '--file', '.gitmodules', 'submodule.lib.url', 'https://example.org/lib.git']);
    sample.git(['add', '.gitmodules']);
    sample.git(['update-index', '--add', '--cacheinfo', `160000,${oid},lib`]);
    sample.git(['commit', '--quiet', '-m', 'submodule']);
    sample.git(['push', '--quiet', sample.dir, 'sub']);
    await expectRefused(land('sub'), /branch: "lib": .*"https:\/\/example\.org\/lib\.git" is not allowed; map it/);
    const given = (source: string) => [...land('sub').slice(0, 5), '--submodule', source, 'sub'];
    await expectRefused(given('lib'), /--submodule: expected <url>=<path of a clone>, saw "lib"/);
    await expectRefused(
      given('https://a:secret@example.org/lib.git=/srv/lib'),
      /--submodule: expected a URL without a password/,
    );
    await expectRefused(given(`https://example.org/lib.git=${root}`), /no repository is at .*clone it there/);
  });
  it('LFS', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'1'.repeat(64)}\nsize 1\n`;
    sample.commit('lfs', { '.gitattributes': '*.bin filter=lfs diff=lfs\n', 'a.bin': pointer }, 'main');
    await expectRefused(land('lfs'), /branch: "a\.bin": .*Git LFS/);
  });
  it('durations and counts', async () => {
    await expectRefused(
      [...land('feature').slice(0, 5), '--timeout', '5', 'feature'],
      /--timeout: expected a duration/,
    );
    await expectRefused(
      [...land('feature').slice(0, 5), '--infra-retries', '-1', 'feature'],
      /--infra-retries: expected a whole number/,
    );
    await expectRefused(['exec', '--grace', 'soon', '--', 'true'], /--grace: expected a duration/);
  });
  it('a state directory that cannot be written', async () => {
    writeFileSync(join(root, 'file'), '');
    writeFileSync(join(root, 'stagegate.yml'), project());
    const env = { STAGEGATE_STATE_DIR: join(root, 'file', 'state'), STAGEGATE_PROJECTS: join(root, 'stagegate.yml') };
    await expectRefused(['queue'], /expected a folder that can be written/, env);
  });
  it('a store file that is damaged', async () => {
    mkdirSync(join(root, 'bad'), { recursive: true });
    writeFileSync(join(root, 'bad', 'events.db'), 'this is no database'.repeat(500));
    writeFileSync(join(root, 'stagegate.yml'), project());
    const env = { STAGEGATE_STATE_DIR: join(root, 'bad'), STAGEGATE_PROJECTS: join(root, 'stagegate.yml') };
    await expectRefused(['queue'], /damaged or foreign file/, env);
  });
  it('an unknown variable', () =>
    expectRefused(['up'], /STAGEGATE_PROT: unknown variable.*STAGEGATE_PORT/, { STAGEGATE_PROT: '1' }));
  it('an invalid value', () => expectRefused(['up'], /STAGEGATE_PORT: expected/, { STAGEGATE_PORT: 'http' }));
  it('no project file', () =>
    expectRefused(['up'], /expected the project file/, { STAGEGATE_PROJECTS: '/no/such/file.yml' }));
  it('an unknown task', () => {
    writeFileSync(join(root, 'stagegate.yml'), project());
    const env = { STAGEGATE_STATE_DIR: join(root, 'state'), STAGEGATE_PROJECTS: join(root, 'stagegate.yml') };
    return expectRefused(['why', 'web.nope'], /task: expected <project>\.<task> that exists, saw "web\.nope"/, env);
  });
  it('a task that could never land, already when it is submitted', async () => {
    writeFileSync(join(root, 'stagegate.yml'), project());
    const env = { STAGEGATE_STATE_DIR: join(root, 'state'), STAGEGATE_PROJECTS: join(root, 'stagegate.yml') };
    const submit = (branch: string) => ['submit', branch, '--project', 'web'];
    await expectRefused(submit('main'), /branch: expected a branch other than main/, env);
    await expectRefused(submit('lfs'), /branch: "a\.bin": .*Git LFS/, env);
  });
  it('an unknown project', () => {
    writeFileSync(join(root, 'stagegate.yml'), project());
    const env = { STAGEGATE_STATE_DIR: join(root, 'state'), STAGEGATE_PROJECTS: join(root, 'stagegate.yml') };
    return expectRefused(['submit', 'feature', '--project', 'nope'], /project: expected one of web/, env);
  });
});

/** Test runners find nothing below .git, where `land` keeps its state. */
const NOT_BELOW_GIT = 'case "$PWD/" in */.git/*) exit 1 ;; esac';

it('uncommitted changes on the branch are a warning: what is committed lands', async () => {
  sample.git(['switch', '--quiet', 'feature']);
  writeFileSync(join(sample.work, 'a.txt'), 'changed\n');
  const result = await session.run(['land', 'feature', '--repo', sample.work, '--suite', NOT_BELOW_GIT, '--json']);
  expect(result.code).toBe(0);
  expect(result.stderr).toMatch(/warning feature has uncommitted changes/);
  sample.git(['checkout', '--quiet', '--', '.']);
});

it('says its version', async () => {
  const { code, stdout } = await runCli(['--version']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${version}\n` });
});

describe('exec', () => {
  it('ends with the exit code of what executed', async () => {
    expect((await runCli(['exec', '--', 'sh', '-c', 'exit 3'])).code).toBe(3);
    expect((await session.run(['exec', '--', 'true'])).code).toBe(0);
  });
  it('ends with 125 when it did not execute, and says why as JSON', async () => {
    const { code, stdout } = await runCli([
      'exec',
      '--timeout',
      '300ms',
      '--grace',
      '100ms',
      '--json',
      '--',
      'sleep',
      '30',
    ]);
    expect(code).toBe(125);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'tool_error',
      // Which of the two depends on what else the machine does.
      reason: expect.stringMatching(/^timeout(?:_starved)?$/) as string,
      retryable: true,
    });
    expect((await session.run(['exec', '--', 'no-such-command'])).code).toBe(125);
  });
});

function project(): string {
  return JSON.stringify({ version: 1, projects: { web: { repo: sample.dir, staging: { suite: 'true' } } } });
}
