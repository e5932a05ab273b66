import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Git } from '../../../../src/infrastructure/git/command/git-command';
import { codeOf, GitBed, until } from '../git-bed';

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
});
afterEach(() => {
  bed.dispose();
});

/** Processes that have the word in their command line. */
function processesWith(word: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(word);
    } catch {
      // It ended meanwhile.
      return false;
    }
  }).length;
}

describe('the environment of git', () => {
  test('is made from nothing: no variable of the service reaches it', async () => {
    process.env['STAGEGATE_SELFTEST_SECRET'] = 'hush';
    process.env['GIT_DIR'] = '/somewhere/else';
    bed.fakeGit('env');
    const { stdout } = await new Git().run(['status'], { cwd: bed.dir });
    delete process.env['STAGEGATE_SELFTEST_SECRET'];
    delete process.env['GIT_DIR'];
    const names = stdout.split('\n').map((line) => line.split('=')[0] ?? '');
    expect(
      names.filter((name) => !/^(?:GIT_|LC_ALL$|PATH$|HOME$|SSH_ASKPASS$|PWD$|_$|SHLVL$|OLDPWD$)/.test(name)),
    ).toEqual([]);
    expect(names).not.toContain('GIT_DIR');
    expect(stdout).toContain('GIT_CONFIG_NOSYSTEM=1');
    expect(stdout).toContain('GIT_ALLOW_PROTOCOL=file\n');
  });

  test('allows no protocol but that of files', async () => {
    const url = `ext::sh -c ${JSON.stringify(bed.canary('ext'))}`;
    for (const address of [url, 'https://localhost:1/x.git', 'ssh://localhost:1/x.git', 'git://localhost:1/x'])
      expect(await codeOf(new Git().run(['ls-remote', '--', address], { cwd: bed.dir }))).toBe('GIT_FAILED');
    await expect(new Git().run(['ls-remote', '--', 'https://localhost:1/x.git'], { cwd: bed.dir })).rejects.toThrow(
      /transport 'https' not allowed/,
    );
    expect(bed.sung()).toEqual([]);
  });

  test('takes no commit for another one, whatever replacements or grafts a repository has', async () => {
    const [old = ''] = bed.git(['rev-list', 'main']).split('\n');
    const other = bed.git(['commit-tree', `${old}^{tree}`, '-m', 'other'], bed.dir);
    bed.git(['replace', old, other], bed.dir);
    bed.plant(join(bed.dir, 'info', 'grafts'), `${old} ${other}\n`);
    const { stdout } = await new Git().run(['log', '--format=%H %s', old], { cwd: bed.dir });
    expect(stdout).toBe(`${old} change main`);
  });
});

describe('a git that does not end', () => {
  const limit = { timeoutMs: 200 };

  test('is a GIT_TIMEOUT, and its helpers end with it', async () => {
    const word = `helper-${process.pid}`;
    bed.fakeGit(`sh -c 'sleep 60; : ${word}' & sleep 60`);
    expect(await codeOf(new Git().run(['fetch'], { cwd: bed.dir, ...limit }))).toBe('GIT_TIMEOUT');
    expect(processesWith(word)).toBe(0);
  });

  test('is killed when it does not listen', async () => {
    const word = `deaf-${process.pid}`;
    bed.fakeGit(`trap '' TERM; sh -c 'trap "" TERM; sleep 60; : ${word}' & wait; sleep 60`);
    expect(await codeOf(new Git().run(['fetch'], { cwd: bed.dir, ...limit }))).toBe('GIT_TIMEOUT');
    expect(processesWith(word)).toBe(0);
  });

  test('but left a helper that holds its output has answered, and the helper is ended', async () => {
    const word = `left-${process.pid}`;
    bed.fakeGit(`sh -c 'sleep 60; : ${word}' & echo done`);
    const { stdout } = await new Git().run(['fetch'], { cwd: bed.dir, ...limit });
    expect(stdout).toBe('done');
    expect(processesWith(word)).toBe(0);
  });

  test('removes its own locks when it is asked to end', async () => {
    const fifo = join(bed.root, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const transaction = `start\\nupdate refs/heads/main ${bed.head('main') ?? ''}\\nprepare\\n`;
    // The rest of the transaction never comes: nobody writes to the pipe.
    bed.fakeGit(`{ printf '${transaction}'; cat '${fifo}'; } | "$REAL_GIT" update-ref --stdin`);
    const ended = codeOf(new Git().run(['update-ref'], { cwd: bed.dir, timeoutMs: 2_000 }));
    await until(() => bed.locks().length > 0);
    expect(await ended).toBe('GIT_TIMEOUT');
    expect(bed.locks()).toEqual([]);
  });
});

describe('what git says is told apart', () => {
  test('a held lock is GIT_LOCKED, a refused permission and a lost race are not', async () => {
    const main = bed.head('main') ?? '';
    const update = (old: string) =>
      codeOf(new Git().run(['update-ref', 'refs/heads/main', main, old], { cwd: bed.dir }));
    const lock = bed.plantLock('refs/heads/main');
    expect(await update(main)).toBe('GIT_LOCKED');
    rmSync(lock);
    expect(await update('1'.repeat(40))).toBe('GIT_FAILED');
    bed.fakeGit(
      `echo "fatal: cannot lock ref 'refs/heads/main': Unable to create '/x/refs/heads/main.lock': Permission denied" >&2; exit 128`,
    );
    expect(await update(main)).toBe('GIT_FAILED');
  });

  test('an exit code that is no answer is an error, with what git said', async () => {
    const unanswered = new Git().run(['cat-file', '-p', 'nonsense'], { cwd: bed.dir });
    await expect(unanswered).rejects.toThrow(/git cat-file in .*Not a valid object name nonsense/);
    expect(await codeOf(unanswered)).toBe('GIT_FAILED');
    const answered = await new Git().run(['cat-file', '-e', 'nonsense'], { cwd: bed.dir, answers: [128] });
    expect(answered.exitCode).toBe(128);
  });

  test('what the other side of a fetch ran into comes first, whichever was printed first', async () => {
    bed.fakeGit(`printf 'error: it died\\nfatal: aborting\\nremote: fatal: unable to read 1234\\n' >&2; exit 128`);
    await expect(new Git().run(['fetch'], { cwd: bed.dir })).rejects.toThrow(
      /: remote: fatal: unable to read 1234; error: it died; fatal: aborting$/,
    );
  });

  test('a folder without a repository, and no folder, are GIT_NOT_A_REPOSITORY', async () => {
    const git = new Git();
    expect(await codeOf(git.run(['rev-parse', 'HEAD'], { cwd: bed.root }))).toBe('GIT_NOT_A_REPOSITORY');
    expect(await codeOf(git.run(['rev-parse', 'HEAD'], { cwd: join(bed.root, 'gone') }))).toBe('GIT_NOT_A_REPOSITORY');
    const fetch = git.run(['fetch', '--', join(bed.root, 'gone')], { cwd: bed.dir });
    expect(await codeOf(fetch)).toBe('GIT_NOT_A_REPOSITORY');
  });

  test('a command line that no system takes is an error of git’s', async () => {
    expect(await codeOf(new Git().run(['log', 'x'.repeat(5_000_000)], { cwd: bed.dir }))).toBe('GIT_FAILED');
    expect(await codeOf(new Git().run(['log', 'a\0b'], { cwd: bed.dir }))).toBe('GIT_FAILED');
  });

  test('a git that prints without end is ended, and the error says so', async () => {
    bed.fakeGit('exec yes "$(head -c 1000 /dev/zero | tr "\\0" x)"');
    await expect(new Git().run(['log'], { cwd: bed.dir })).rejects.toThrow(/it printed more than 100000000 bytes/);
  });

  test('a git that reads nothing of its input has answered all the same', async () => {
    bed.fakeGit('exec 0<&-; echo done');
    const { stdout } = await new Git().run(['mktree'], { cwd: bed.dir, input: 'x'.repeat(1_000_000) });
    expect(stdout).toBe('done');
  });

  test('a machine without git is an error that says so', async () => {
    process.env['PATH'] = join(bed.root, 'empty');
    await expect(new Git().run(['status'], { cwd: bed.dir })).rejects.toThrow(/git/);
  });
});
