import type { RepositoryRef } from '../../../application/ports/git-workspace';
import type { Oid, TaskId } from '../../../domain/ids';
import type { Git } from '../command/git-command';
import { landedRefs } from '../command/names';

/** Which of the commits are the newest one of a task's landing, by the record that the target keeps. */
export async function landedTasks(
  git: Git,
  { project, path }: RepositoryRef,
  oids: readonly Oid[],
): Promise<ReadonlyMap<Oid, TaskId>> {
  if (oids.length === 0) return new Map();
  const { prefix, taskOf } = landedRefs(project);
  const points = oids.map((oid) => `--points-at=${oid}`);
  const text = await git.text(['for-each-ref', '--format=%(objectname) %(refname)', ...points, prefix], { cwd: path });
  const lines = text.split('\n').filter(Boolean);
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), taskOf(line.slice(line.indexOf(' ') + 1))]));
}
