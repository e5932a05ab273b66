import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DisposableClone, RepositoryRef } from '../../application/ports/git-workspace';
import { Git } from './git-command';
import { branchRef } from './names';
import type { OwnClone } from './own-clone';

/** Clones that live for one run. */
export class Clones {
  constructor(
    private readonly stateDir: string,
    private readonly own: OwnClone,
  ) {}

  /** Detached at one commit; it has no remote and knows no path to where it came from. */
  async disposable(
    repository: RepositoryRef,
    { oid, depth, name }: { oid: string; depth: 'full' | number; name: string },
  ): Promise<DisposableClone> {
    const source = await this.own.dir(repository);
    const git = new Git();
    const dir = await this.folder(name);
    await git.run(['init', '--quiet', '--template='], { cwd: dir });
    const limit = depth === 'full' ? [] : [`--depth=${depth}`];
    const options = [
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-recurse-submodules',
      '--no-auto-gc',
      ...limit,
    ];
    await git.run(['fetch', ...options, '--end-of-options', `file://${source}`, oid], { cwd: dir });
    await git.run(['checkout', '--quiet', '--detach', oid, '--'], { cwd: dir });
    return disposableAt(dir);
  }

  /** The branch checked out and `origin` pointing at the target: what an agent commits, it pushes there itself. */
  async forAgent(
    repository: RepositoryRef,
    { branch, name }: { branch: string; name: string },
  ): Promise<DisposableClone> {
    const git = await this.own.gitFor(repository);
    const dir = await this.folder(name);
    branchRef(branch);
    const options = ['--quiet', '--no-hardlinks', '--template=', '--branch', branch];
    await git.run(['clone', ...options, '--end-of-options', repository.path, dir], { cwd: this.stateDir });
    return disposableAt(dir);
  }

  /** Empty, whatever a crash left there before. */
  async folder(name: string): Promise<string> {
    const dir = join(this.stateDir, 'work', name);
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { recursive: true, mode: 0o700 });
    return dir;
  }
}

function disposableAt(dir: string): DisposableClone {
  return { dir, dispose: () => rm(dir, { recursive: true, force: true, maxRetries: 3 }) };
}
