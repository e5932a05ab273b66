import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

type Files = Readonly<Record<string, string>>;

export interface SampleOptions {
  readonly name?: string;
  readonly objectFormat?: string;
  readonly like?: string;
}

/** A small real repository: a work tree to commit in (`work`) and a bare one to land into (`dir`). */
export class SampleRepository {
  readonly root = mkdtempSync(join(tmpdir(), 'stagegate-test-'));
  readonly dir: string;
  readonly work = join(this.root, 'work');

  /** @param options `like`: root of another sample to copy, which costs no git at all. */
  constructor({ name = 'web.git', objectFormat = 'sha1', like }: SampleOptions = {}) {
    this.dir = join(this.root, name);
    if (like !== undefined) {
      cpSync(like, this.root, { recursive: true });
      return;
    }
    const options = ['--quiet', '--initial-branch=main', `--object-format=${objectFormat}`];
    this.git(['init', '--bare', ...options, this.dir], this.root);
    this.git(['init', ...options, this.work], this.root);
    this.commit('main', { 'main.txt': 'one\n' });
  }

  /** Commits on a branch and pushes it; a new branch begins at `from`. @returns the commit. */
  commit(branch: string, files: Files, from?: string): string {
    if (from !== undefined) this.git(['switch', '--quiet', '-c', branch, from]);
    else if (this.head('main', this.work) !== null) this.git(['switch', '--quiet', branch]);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.work, path)), { recursive: true });
      writeFileSync(join(this.work, path), text);
    }
    this.git(['add', '--all']);
    this.git(['commit', '--quiet', '-m', `change ${branch}`]);
    this.git(['push', '--quiet', this.dir, `HEAD:refs/heads/${branch}`]);
    return this.git(['rev-parse', 'HEAD']);
  }

  head(branch: string, cwd = this.dir): string | null {
    try {
      return this.git(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`], cwd);
    } catch {
      // No such branch.
      return null;
    }
  }

  git(args: readonly string[], cwd = this.work): string {
    const who = {
      GIT_AUTHOR_NAME: 'Ann',
      GIT_AUTHOR_EMAIL: 'a@b.c',
      GIT_COMMITTER_NAME: 'Ann',
      GIT_COMMITTER_EMAIL: 'a@b.c',
    };
    const env = { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', ...who };
    return execFileSync('git', [...args], { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}
