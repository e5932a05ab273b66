import { type TaskId, parseTaskId } from '../../domain/ids';
import { isFinal } from '../../domain/task/pipeline';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { ContextOf, TaskExecutor } from '../execute-task';
import type { GitWorkspace } from '../ports/git-workspace';
import type { Project, Projects } from '../projects';

/** Notices new commits on task branches. Polling, because nothing that tells us about a push may be load-bearing. */
export class HeadWatcher {
  private readonly branches = new Map<TaskId, string>();

  constructor(
    private readonly deps: {
      git: GitWorkspace;
      projects: Projects;
      executor: TaskExecutor;
      contextOf: (project: Project) => ContextOf;
    },
  ) {}

  watch(task: SubmittedTask): void {
    if (isFinal(task.stage)) this.branches.delete(task.id);
    else this.branches.set(task.id, task.branch);
  }

  async poll(): Promise<void> {
    for (const project of this.deps.projects.all()) await this.pollProject(project);
  }

  private async pollProject(project: Project): Promise<void> {
    const mine = [...this.branches].filter(([id]) => parseTaskId(id)?.project === project.policy.project);
    if (mine.length === 0) return;
    const heads = await this.deps.git.heads(project.repository, [...new Set(mine.map(([, branch]) => branch))]);
    for (const [id, branch] of mine) {
      const headOid = heads.get(branch);
      // A branch that is gone is not a new head; the next job that fetches it says so.
      if (!headOid) continue;
      await this.deps.executor.execute(id, { type: 'ObserveHead', data: { headOid } }, this.deps.contextOf(project), {
        commandId: (task) => `${id}@${task.revision}:ObserveHead:${headOid}`,
      });
    }
  }
}
