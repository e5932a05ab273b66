import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

type Files = Readonly<Record<string, string>>;

export interface SampleOptions {
  readonly name?: string;
  readonly objectFormat?: string;
  readonly like?: string;
  /** Folder to make it in; the one for temporary files by default. */
  readonly in?: string;
}

/** A small real repository: a work tree to commit in (`work`) and a bare one to land into (`dir`). */
export class SampleRepository {
  readonly root: string;
  readonly dir: string;
  readonly work: string;

  /** @param options `like`: root of another sample to copy, which costs no git at all. */
  constructor({ name = 'web.git', objectFormat = 'sha1', like, in: folder = tmpdir() }: SampleOptions = {}) {
    this.root = mkdtempSync(join(folder, 'stagegate-test-'));
    this.work = join(this.root, 'work');
    this.dir = join(this.root, name);
    if (like !== undefined) {
      cpSync(like, this.root, { recursive: true });
      return;
    }
    // Without git's samples of hooks: every copy would copy them.
    const options = ['--quiet', '--template=', '--initial-branch=main', `--object-format=${objectFormat}`];
    this.git(['init', '--bare', ...options, this.dir], this.root);
    this.git(['init', ...options, this.work], this.root);
    this.commit('main', { 'main.txt': 'one\n' });
  }

  /** Commits on a branch and brings it to the bare one, null for a file that goes; a new branch begins at `from`. @returns the commit. */
  commit(branch: string, files: Readonly<Record<string, string | null>>, from?: string): string {
    if (from !== undefined) this.git(['switch', '--quiet', '-c', branch, from]);
    else if (this.checkedOut() !== branch) this.git(['switch', '--quiet', branch]);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.work, path)), { recursive: true });
      if (text === null) rmSync(join(this.work, path));
      else writeFileSync(join(this.work, path), text);
    }
    this.git(['add', '--all']);
    this.git(['-c', 'maintenance.auto=false', 'commit', '--quiet', '-m', `change ${branch}`]);
    return this.bring(branch);
  }

  /** Commits in the bare one, as if somebody else had pushed; a new branch begins at `from`. @returns the commit. */
  push(branch: string, files: Files, from = branch): string {
    const script = [
      `commit refs/heads/${branch}`,
      'committer Ann <a@b.c> now',
      ...data(`change ${branch}\n`),
      `from refs/heads/${from}^0`,
      ...Object.entries(files).flatMap(([path, text]) => [`M 100644 inline ${path}`, ...data(text)]),
      '',
    ];
    this.git(['fast-import', '--quiet', '--date-format=now'], this.dir, script.join('\n'));
    return this.head(branch) ?? '';
  }

  head(branch: string, cwd = this.dir): string | null {
    const loose = [cwd, join(cwd, '.git')].map((dir) => join(dir, 'refs/heads', branch)).find((path) => isFile(path));
    // As git reads it, without the cost of a process.
    if (loose !== undefined) return readFileSync(loose, 'utf8').trim();
    try {
      return this.git(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`], cwd);
    } catch {
      // No such branch.
      return null;
    }
  }

  /** Makes few files of all objects, for a sample that is copied often. @param dirs more repositories with objects. */
  pack(dirs: readonly string[] = []): void {
    for (const dir of [this.dir, this.work, ...dirs]) this.git(['repack', '-a', '-d', '--quiet'], dir);
  }

  /** What `git push` does, which takes five processes for it: first the objects, then the ref. */
  private bring(branch: string): string {
    const oid = this.head(branch, this.work) ?? '';
    cpSync(join(this.work, '.git/objects'), join(this.dir, 'objects'), { recursive: true, force: false });
    const ref = join(this.dir, 'refs/heads', branch);
    mkdirSync(dirname(ref), { recursive: true });
    writeFileSync(ref, `${oid}\n`);
    return oid;
  }

  private checkedOut(): string {
    return readFileSync(join(this.work, '.git/HEAD'), 'utf8').replace('ref: refs/heads/', '').trim();
  }

  git(args: readonly string[], cwd = this.work, input: string | Uint8Array = ''): string {
    const who = {
      GIT_AUTHOR_NAME: 'Ann',
      GIT_AUTHOR_EMAIL: 'a@b.c',
      GIT_COMMITTER_NAME: 'Ann',
      GIT_COMMITTER_EMAIL: 'a@b.c',
    };
    const env = { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', ...who };
    return execFileSync('git', [...args], { cwd, env, input, encoding: 'utf8', stdio: 'pipe' }).trim();
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A text in the language of `git fast-import`. */
function data(text: string): readonly string[] {
  return [`data ${Buffer.byteLength(text)}`, text];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
