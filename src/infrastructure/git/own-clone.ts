import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { GitError, type FetchedHeads, type RepositoryRef } from '../../application/ports/git-workspace';
import type { TaskId } from '../../domain/ids';
import { Git } from './git-command';
import { branchRef, taskRef } from './names';
import { pastStaleLocks } from './stale-locks';

export const FETCH_OPTIONS = [
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--no-auto-gc',
];

/** The service's own bare clone of a target repository, one per project. Nobody else ever gets a path to it. */
export class OwnClone {
  private readonly repos: string;
  private readonly ready = new Map<string, Promise<string>>();

  constructor(stateDir: string) {
    this.repos = join(stateDir, 'repos');
  }

  /** @returns its folder, made when missing. */
  async dir(repository: RepositoryRef): Promise<string> {
    const { project } = repository;
    const known = this.ready.get(project);
    if (known) return known;
    const made = this.make(repository);
    this.ready.set(project, made);
    // A failure is not remembered: the next caller tries again.
    made.catch(() => this.ready.delete(project));
    return made;
  }

  /** Git that may read the target even if it belongs to another user. */
  async gitFor({ project, path }: RepositoryRef): Promise<Git> {
    const file = join(this.repos, `${project}.gitconfig`);
    // git asks about the real path, with the links in it resolved.
    const places = new Set([path, await realpath(path).catch(() => path)]);
    const lines = [...places].flatMap((place) => [place, join(place, '.git')]).map((place) => JSON.stringify(place));
    const text = `[safe]\n${lines.map((place) => `\tdirectory = ${place}\n`).join('')}`;
    await mkdir(this.repos, { recursive: true, mode: 0o700 });
    const part = `${file}.${randomUUID()}`;
    await writeFile(part, text, { mode: 0o600 });
    await rename(part, file);
    return new Git(file);
  }

  /** Brings main and the task's branch in and says how they stand to each other. */
  async fetch(repository: RepositoryRef, task: TaskId, branch: string): Promise<FetchedHeads> {
    const [cwd, git] = [await this.dir(repository), await this.gitFor(repository)];
    const [head, base] = [taskRef('in', task), taskRef('base', task)];
    const specs = [`+${branchRef(branch)}:${head}`, `+${branchRef(repository.main)}:${base}`];
    const args = ['fetch', ...FETCH_OPTIONS, '--end-of-options', repository.path, ...specs];
    await pastStaleLocks(cwd, () => git.run(args, { cwd })).catch((error: unknown) => {
      throw missingRef(error, branch, repository);
    });
    const format = '--format=%(refname) %(objectname) %(tree)';
    const lines = (await git.text(['for-each-ref', format, head, base], { cwd }))
      .split('\n')
      .map((line) => line.split(' '));
    const [, headOid = '', headTree = ''] = lines.find(([name]) => name === head) ?? [];
    const [, baseOid = ''] = lines.find(([name]) => name === base) ?? [];
    const counts = await git.text(['rev-list', '--left-right', '--count', `${baseOid}...${headOid}`], { cwd });
    const [onlyBase, onlyHead] = counts.split('\t').map(Number);
    return { headOid, headTree, baseOid, containsBase: onlyBase === 0, alreadyInMain: onlyHead === 0 };
  }

  /** Keeps a candidate from being collected, and where the next steps find it. */
  async keep(repository: RepositoryRef, task: TaskId, oid: string): Promise<void> {
    const cwd = await this.dir(repository);
    await pastStaleLocks(cwd, () => new Git().run(['update-ref', taskRef('out', task), oid], { cwd }));
  }

  /** Lets go of work trees whose folders are gone. Those that are just being made are locked by git. */
  async forgetRemovedWorktrees(): Promise<void> {
    const names = await readdir(this.repos).catch(() => []);
    for (const name of names.filter((one) => one.endsWith('.git')))
      await new Git().run(['worktree', 'prune'], { cwd: join(this.repos, name) });
  }

  private async make({ project, path }: RepositoryRef): Promise<string> {
    const dir = join(this.repos, `${project}.git`);
    if (existsSync(join(dir, 'HEAD'))) return dir;
    // Made beside and moved into place: two processes may start at once, and one may die half way.
    const part = `${dir}.${randomUUID()}`;
    const git = new Git();
    // Objects of one format cannot be fetched into a repository of another.
    const format = await git.text(['rev-parse', '--show-object-format'], { cwd: path });
    await mkdir(part, { recursive: true, mode: 0o700 });
    await git.run(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`], { cwd: part });
    await git.run(['config', 'uploadpack.allowAnySHA1InWant', 'true'], { cwd: part });
    await rename(part, dir).catch(async (error: unknown) => {
      await rm(part, { recursive: true, force: true });
      if (!existsSync(join(dir, 'HEAD'))) throw error;
    });
    return dir;
  }
}

function missingRef(error: unknown, branch: string, { main, path }: RepositoryRef): unknown {
  const missing = error instanceof GitError ? /couldn't find remote ref (\S+)/.exec(error.message)?.[1] : undefined;
  if (missing === branchRef(branch)) {
    const text = `expected a branch ${branch} in ${path}, saw none; push it or cancel the task`;
    return new GitError('GIT_BRANCH_MISSING', text);
  }
  if (missing === branchRef(main)) {
    const text = `expected a branch ${main} in ${path}, saw none; correct "main" of the project`;
    return new GitError('GIT_MAIN_MISSING', text);
  }
  return error;
}
