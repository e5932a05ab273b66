import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { GitError, type FetchedHeads, type RepositoryRef } from '../../application/ports/git-workspace';
import type { TaskId } from '../../domain/ids';
import { Git } from './git-command';
import { branchRef, taskRef } from './names';

/** The service's own bare clone of a target repository, one per project. Nobody else ever gets a path to it. */
export class OwnClone {
  private readonly ready = new Map<string, Promise<string>>();

  constructor(private readonly stateDir: string) {}

  /** @returns its folder, made when missing. */
  async dir({ project }: RepositoryRef): Promise<string> {
    const known = this.ready.get(project);
    if (known) return known;
    const made = this.make(project);
    this.ready.set(project, made);
    // A failure is not remembered: the next caller tries again.
    made.catch(() => this.ready.delete(project));
    return made;
  }

  /** Git that may read the target even if it belongs to another user. */
  async gitFor({ project, path }: RepositoryRef): Promise<Git> {
    const file = join(this.stateDir, 'repos', `${project}.gitconfig`);
    const text = `[safe]\n\tdirectory = ${JSON.stringify(path)}\n\tdirectory = ${JSON.stringify(join(path, '.git'))}\n`;
    await mkdir(join(this.stateDir, 'repos'), { recursive: true, mode: 0o700 });
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
    const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-auto-gc'];
    await git
      .run(['fetch', ...options, '--end-of-options', repository.path, ...specs], { cwd })
      .catch((error: unknown) => {
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

  private async make(project: string): Promise<string> {
    const dir = join(this.stateDir, 'repos', `${project}.git`);
    if (existsSync(join(dir, 'HEAD'))) return dir;
    // Made beside and moved into place: two processes may start at once, and one may die half way.
    const part = `${dir}.${randomUUID()}`;
    await mkdir(part, { recursive: true, mode: 0o700 });
    const git = new Git();
    await git.run(['init', '--quiet', '--bare', '--template='], { cwd: part });
    await git.run(['config', 'uploadpack.allowAnySHA1InWant', 'true'], { cwd: part });
    await rename(part, dir).catch(async (error: unknown) => {
      await rm(part, { recursive: true, force: true });
      if (!existsSync(join(dir, 'HEAD'))) throw error;
    });
    return dir;
  }
}

function missingRef(error: unknown, branch: string, { main, path }: RepositoryRef): unknown {
  const message = error instanceof GitError ? error.message : '';
  if (!/couldn't find remote ref/.test(message)) return error;
  if (message.includes(`refs/heads/${branch}`)) {
    return new GitError(
      'GIT_BRANCH_MISSING',
      `expected a branch ${branch} in ${path}, saw none; push it or cancel the task`,
    );
  }
  return new GitError(
    'GIT_MAIN_MISSING',
    `expected a branch ${main} in ${path}, saw none; correct "main" of the project`,
  );
}
