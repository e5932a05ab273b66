import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** Text by path; what a commit of the sample project adds or changes. */
export type Files = Readonly<Record<string, string>>;

/** A repository made for the demo: bare, with branches that bring their own tests. */
export class SampleRepository {
  private constructor(
    readonly dir: string,
    private readonly work: string,
  ) {}

  static async make(root: string): Promise<SampleRepository> {
    const dir = join(root, 'shop.git');
    const work = join(root, 'seed');
    const sample = new SampleRepository(dir, work);
    await sample.git(['init', '--quiet', '--bare', '--initial-branch=main', dir], root);
    await sample.git(['init', '--quiet', '--initial-branch=main', work], root);
    return sample;
  }

  /** Commits on a branch; a new branch begins at `from`. @returns the commit. */
  async commit(branch: string, message: string, files: Files, from?: string): Promise<string> {
    if (from !== undefined) await this.git(['switch', '--quiet', '-c', branch, from]);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.work, path)), { recursive: true });
      await writeFile(join(this.work, path), text);
    }
    await this.git(['add', '--all']);
    await this.git(['commit', '--quiet', '-m', message]);
    await this.git(['push', '--quiet', this.dir, `HEAD:refs/heads/${branch}`]);
    return this.git(['rev-parse', 'HEAD']);
  }

  async continueMain(message: string, files: Files): Promise<string> {
    await this.git(['switch', '--quiet', 'main']);
    return this.commit('main', message, files);
  }

  async head(branch: string): Promise<string> {
    return this.git(['rev-parse', `refs/heads/${branch}`], this.dir);
  }

  /** What a file of a branch holds, without the end of its last line. */
  async text(branch: string, path: string): Promise<string> {
    return this.git(['show', `refs/heads/${branch}:${path}`], this.dir);
  }

  /** What the parser says of a program of a branch; null where it says nothing, or there is none. */
  async syntaxError(branch: string, path: string): Promise<string | null> {
    const source = await this.text(branch, path).catch(() => null);
    if (source === null) return null;
    const { failed, stderr } = await execa(process.execPath, ['--check', '-'], { input: source, reject: false });
    return failed ? stderr : null;
  }

  /** The work tree that the branches were made in is not needed any more. */
  async finish(): Promise<void> {
    await rm(this.work, { recursive: true, force: true });
  }

  private async git(args: readonly string[], cwd = this.work): Promise<string> {
    const identity = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@example.org' };
    const committer = { GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'ann@example.org' };
    const quiet = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
    const { stdout } = await execa('git', [...args], { cwd, env: { ...identity, ...committer, ...quiet } });
    return stdout.trim();
  }
}
