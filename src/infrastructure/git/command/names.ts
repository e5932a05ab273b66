import { A_BRANCH_NAME, isBranchName, parseTaskId, type TaskId } from '../../../domain/ids';
import { GitError } from '../../../application/ports/git-workspace';

/** Where the service keeps refs, in its own clone and in the target. A task key holds no slash, so none can hide another. */
export function taskRef(kind: 'in' | 'base' | 'out' | 'landed' | 'artifacts', id: TaskId): string {
  const parsed = parseTaskId(id);
  if (!parsed) throw new GitError('GIT_FAILED', `expected a task id, saw ${JSON.stringify(id)}`);
  return `refs/stagegate/${kind}/${parsed.project}/${parsed.task}`;
}

/** Where the target keeps what has landed for a project, and whose a ref there is. */
export function landedRefs(project: string): { readonly prefix: string; readonly taskOf: (ref: string) => TaskId } {
  const prefix = `refs/stagegate/landed/${project}/`;
  return { prefix, taskOf: (ref) => `${project}.${ref.slice(prefix.length)}` };
}

/** Of all tasks, in the own clone: there is nothing else. */
export const TASK_REFS = 'refs/stagegate/';

/** The lane's lease on main, per project and log. */
export function epochRef(project: string, log: string): string {
  if (!/^[0-9a-f]{1,64}$/.test(log)) throw new GitError('GIT_FAILED', `expected a log's name, saw ${log.slice(0, 80)}`);
  return `refs/stagegate/epoch/${project}/${log}`;
}

export const BRANCHES = 'refs/heads/';

/** Names come from outside; only what can be neither an option nor a pattern goes on a command line. */
export function branchRef(branch: string): string {
  if (!isBranchName(branch)) {
    throw new GitError('GIT_BRANCH_MISSING', `expected ${A_BRANCH_NAME}, saw ${JSON.stringify(branch)}; rename it`);
  }
  return BRANCHES + branch;
}
