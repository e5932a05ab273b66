import { GitError, type RepositoryRef } from '../../application/ports/git-workspace';
import type { TaskId } from '../../domain/ids';
import type { Git } from './git-command';
import { taskRef } from './names';

const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Commits a task's artifacts under their own ref, so that they travel with the repository. Same content, no new commit. */
export async function publishArtifacts(
  git: Git,
  { path: cwd }: RepositoryRef,
  task: TaskId,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  const ref = taskRef('artifacts', task);
  const entries: string[] = [];
  for (const [name, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!FILE_NAME.test(name))
      throw new GitError('GIT_FAILED', `expected an artifact's name, saw ${JSON.stringify(name)}`);
    const oid = await git.text(['hash-object', '-w', '--stdin'], { cwd, input: text });
    entries.push(`100644 blob ${oid}\t${name}`);
  }
  const tree = await git.text(['mktree'], { cwd, input: `${entries.join('\n')}\n` });
  const { stdout } = await git.run(['rev-parse', '--verify', '--quiet', ref, `${ref}^{tree}`], {
    cwd,
    answers: [0, 1, 128],
  });
  const [before, treeBefore] = stdout.split('\n');
  if (treeBefore === tree) return;
  const parents = before && treeBefore ? ['-p', before] : [];
  const commit = await git.text(['commit-tree', tree, ...parents, '-m', `artifacts of ${task}`], { cwd });
  await git.run(['update-ref', '-m', `stagegate: artifacts of ${task}`, ref, commit], { cwd });
}
