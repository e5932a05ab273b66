import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Landing, LandingOutcome, RepositoryRef } from '../../../src/application/ports/git-workspace';
import { LocalGitWorkspace } from '../../../src/infrastructure/git/local-git-workspace';
import { GitBed, TASK } from './git-bed';

/** A clone as people have it: main checked out in `work`, and a branch beside it that changes, adds and removes files. */
export class FollowBed extends GitBed {
  readonly follower: RepositoryRef = this.repository('web', join(this.work, '.git'));
  readonly another = (isDead: (worker: string) => boolean = () => true) =>
    new LocalGitWorkspace({ stateDir: this.state, worker: 'host/boot/pid/2/2', isDead });

  constructor() {
    super();
    this.commit('main', {
      'kept.txt': 'kept\n',
      'gone.txt': 'gone\n',
      'dir/deep.txt': 'deep\n',
      '.gitignore': '*.log\n',
    });
    this.git(['switch', '--quiet', '-c', 'feature']);
    rmSync(join(this.work, 'gone.txt'));
    this.commit('feature', { 'main.txt': 'one\ntwo\n', 'new/file.txt': 'new\n', 'dir/deep.txt': 'deeper\n' });
    this.git(['switch', '--quiet', 'main']);
  }

  landing(task = TASK, epoch = '1'): Promise<Landing> {
    return this.candidate('feature', { task, epoch, repository: this.follower });
  }

  /** Begins anew with whatever has been committed, and lands. */
  async land(): Promise<LandingOutcome> {
    return this.workspace.land(this.follower, await this.landing());
  }

  /** One more commit of the branch, of these files and of whatever `change` does to the work tree. */
  onFeature(files: Readonly<Record<string, string>>, change: () => void = () => undefined): void {
    this.git(['switch', '--quiet', 'feature']);
    change();
    this.commit('feature', files);
    this.git(['switch', '--quiet', 'main']);
  }

  /** Refs, index and every file, to show that nothing has changed. */
  everything(): readonly unknown[] {
    const files = readdirSync(this.work, { recursive: true, encoding: 'utf8' });
    const shown = files.filter((name) => !name.startsWith('.git/'));
    const contents = shown.map((name) => [name, contentOf(join(this.work, name))]);
    return [this.git(['for-each-ref', 'refs/heads']), this.git(['ls-files', '--stage', '-v']), contents];
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.work, path)), { recursive: true });
    writeFileSync(join(this.work, path), text);
  }

  read(path: string): string | null {
    const file = join(this.work, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }

  status(cwd = this.work): string {
    // Not trimmed: the first column may be a space.
    return execFileSync('git', ['status', '--porcelain', '--untracked-files=all'], { cwd, encoding: 'utf8' });
  }

  mainHead(): string {
    return this.git(['rev-parse', 'main']);
  }

  /** What of ours is left in the git directory: markers, indexes, locks. */
  traces(gitDir = join(this.work, '.git')): readonly string[] {
    return [
      ...this.locks(gitDir),
      ...(existsSync(join(gitDir, 'stagegate'))
        ? execFileSync('ls', ['-A', join(gitDir, 'stagegate')], { encoding: 'utf8' })
            .split('\n')
            .filter(Boolean)
        : []),
    ];
  }
}

function contentOf(path: string): string | null {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'latin1') : null;
}
