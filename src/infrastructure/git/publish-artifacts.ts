import { GitError, type RepositoryRef } from '../../application/ports/git-workspace';
import type { TaskId } from '../../domain/ids';
import { nothing } from './epoch';
import type { Git } from './git-command';
import { taskRef } from './names';
import { removeStaleLocks } from './stale-locks';

const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Commits a task's artifacts under their own ref, so that they travel with the repository. Same content, no new commit. */
export async function publishArtifacts(
  git: Git,
  { path: cwd }: RepositoryRef,
  task: TaskId,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  const ref = taskRef('artifacts', task);
  const tree = await writeTree(git, cwd, files);
  const format = '--format=%(objectname) %(tree)';
  const [before = '', treeBefore] = (await git.text(['for-each-ref', format, ref], { cwd })).split(' ');
  if (treeBefore === tree) return;
  const parents = before ? ['-p', before] : [];
  const commit = await git.text(['commit-tree', tree, ...parents, '-m', `artifacts of ${task}`], { cwd });
  // Compared with what it grew from: another process's commit must not vanish from the history.
  const old = before || nothing(commit);
  const update = () => git.run(['update-ref', '-m', `stagegate: artifacts of ${task}`, ref, commit, old], { cwd });
  await update().catch(async (error: unknown) => {
    const isStale =
      error instanceof GitError && error.code === 'GIT_LOCKED' && (await removeStaleLocks(git, cwd, [ref]));
    if (!isStale) throw error;
    await update();
  });
}

async function writeTree(git: Git, cwd: string, files: ReadonlyMap<string, string>): Promise<string> {
  const entries: string[] = [];
  for (const [name, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!FILE_NAME.test(name))
      throw new GitError('GIT_FAILED', `expected an artifact's name, saw ${JSON.stringify(name)}`);
    const oid = await git.text(['hash-object', '-w', '--stdin'], { cwd, input: text });
    entries.push(`100644 blob ${oid}\t${name}`);
  }
  return git.text(['mktree'], { cwd, input: `${entries.join('\n')}\n` });
}
