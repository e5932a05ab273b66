import type { RepositoryRef } from '../../../application/ports/git-workspace';
import type { TaskId } from '../../../domain/ids';
import type { CloneView } from '../own-clone/clone-view';
import type { Heads } from './fetch-heads';
import { branchRef, taskRef } from '../command/names';
import { smallPack, unpacked } from './small-pack';

/** A commit of main that was brought in before, for a task: everything below it is in the clone as long as that ref is. */
export interface Brought {
  readonly task: TaskId;
  readonly baseOid: string;
}

/**
 * What a fetch does, in fewer processes, where little is new since the last one.
 *
 * @returns null where only a fetch can bring it, or say why nothing can; it finds everything as it was, or more of it.
 */
export async function quickFetch(
  view: CloneView,
  repository: RepositoryRef,
  { task, branch, last }: { readonly task: TaskId; readonly branch: string; readonly last: Brought | undefined },
): Promise<Heads | null> {
  if (!last) return null;
  const { git } = view;
  const heads = await commitsOf(view, repository, branch);
  if (!heads) return null;
  const { headOid, baseOid } = heads;
  const pack = await smallPack(git, repository.path, { want: [headOid, baseOid], have: [last.baseOid] });
  if (pack === null || !(await unpacked(git, view.dir, pack))) return null;
  return (await refsSet(view, task, { heads, last })) ? heads : null;
}

async function commitsOf({ git }: CloneView, { path, main }: RepositoryRef, branch: string): Promise<Heads | null> {
  const names = [branchRef(main), branchRef(branch)];
  const args = ['for-each-ref', '--format=%(refname) %(objectname) %(tree)', ...names];
  const lines = (await git.text(args, { cwd: path })).split('\n').map((line) => line.split(' '));
  const [base, head] = names.map((name) => lines.find(([found]) => found === name));
  const [, baseOid, baseTree] = base ?? [];
  const [, headOid, headTree] = head ?? [];
  return baseOid && baseTree && headOid && headTree ? { baseOid, headOid, headTree } : null;
}

/** Only together with the proof that all which was not brought is there. */
async function refsSet(
  { git, dir: cwd }: CloneView,
  task: TaskId,
  { heads, last }: { readonly heads: Heads; readonly last: Brought },
): Promise<boolean> {
  const [own, proof] = [taskRef('base', task), taskRef('base', last.task)];
  const isOwn = own === proof;
  const verify = isOwn ? [] : [`verify ${proof} ${last.baseOid}`];
  const update = [
    `update ${own} ${heads.baseOid}${isOwn ? ` ${last.baseOid}` : ''}`,
    `update ${taskRef('in', task)} ${heads.headOid}`,
  ];
  const input = ['start', ...verify, ...update, 'prepare', 'commit', ''].join('\n');
  return (await git.run(['update-ref', '--stdin'], { cwd, input, answers: [0, 1, 128] })).exitCode === 0;
}
