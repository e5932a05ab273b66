import type { RepositoryRef } from '../../../application/ports/git-workspace';
import type { Oid, TaskId } from '../../../domain/ids';
import { branchRef, landedRefs, taskRef } from '../command/names';
import { FETCH_OPTIONS } from '../fetching/fetch-heads';
import type { CloneView } from '../own-clone/clone-view';
import { pastStaleLocks } from '../own-clone/stale-locks';

/** What has landed is on main, wherever the task's branch went, and whatever the own clone has lost since. */
export async function landedCommit(
  { dir: cwd, clone, git }: CloneView,
  { project, path, main }: RepositoryRef,
  { task, oid }: { readonly task: TaskId; readonly oid: Oid },
): Promise<{ readonly treeOid: Oid; readonly newer: TaskId | null }> {
  const base = taskRef('base', task);
  const spec = `+${branchRef(main)}:${base}`;
  await pastStaleLocks(clone, () => git.run(['fetch', ...FETCH_OPTIONS, '--end-of-options', path, spec], { cwd }));
  const treeOid = await git.text(['rev-parse', '--verify', '--end-of-options', `${oid}^{tree}`], { cwd });
  const { prefix, taskOf } = landedRefs(project);
  const found = ['--sort=-committerdate', '--format=%(objectname) %(refname)', `--contains=${oid}`, prefix];
  const lines = (await git.text(['for-each-ref', ...found], { cwd: path })).split('\n').map((line) => line.split(' '));
  const newer = lines.find(([at = '', name = '']) => name !== '' && at !== oid && taskOf(name) !== task);
  return { treeOid, newer: newer ? taskOf(newer[1] ?? '') : null };
}
