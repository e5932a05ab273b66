import { parseTaskId, type Oid, type TaskId } from '../../domain/ids';
import { isFinal } from '../../domain/task/pipeline';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { ContextOf, TaskExecutor } from '../execute-task';
import type { GitWorkspace } from '../ports/git-workspace';
import type { Log } from '../ports/log';
import type { Project, Projects } from '../projects';

/** A branch, and where the task that was last seen believes it to be. */
interface Watched {
  readonly branch: string;
  readonly heads: readonly (Oid | null)[];
}

/**
 * Notices new commits on task branches. Polling, because nothing that tells us about a push may be load-bearing. A head
 * that the task knows already is not told to it again: a backlog that nobody touches costs one git command per project.
 */
export class HeadWatcher {
  private readonly watched = new Map<TaskId, Watched>();

  constructor(
    private readonly deps: {
      git: GitWorkspace;
      projects: Projects;
      executor: TaskExecutor;
      contextOf: (project: Project) => ContextOf;
      out: Log;
    },
  ) {}

  watch({ id, stage, branch, headOid, headAfterLanding, requests }: SubmittedTask): void {
    // While it lands, the last head it was told of counts: the branch may come back to where it was.
    const queued = requests.filter(({ request }) => request === 'head-moved').at(-1);
    const heads = queued ? [queued.headOid] : [headOid, headAfterLanding];
    if (isFinal(stage)) this.watched.delete(id);
    else this.watched.set(id, { branch, heads });
  }

  async poll(): Promise<void> {
    for (const project of this.deps.projects.all()) {
      try {
        await this.pollProject(project);
      } catch (error) {
        // One repository that cannot be read must not keep the others from being looked at; the next poll tries again.
        const fields = { project: project.policy.project, error: String(error) };
        this.deps.out.warn('the branches of a project could not be looked at', fields);
      }
    }
  }

  private async pollProject(project: Project): Promise<void> {
    const mine = [...this.watched].filter(([id]) => parseTaskId(id)?.project === project.policy.project);
    if (mine.length === 0) return;
    const heads = await this.deps.git.heads(project.repository, [...new Set(mine.map(([, { branch }]) => branch))]);
    for (const [id, known] of mine) {
      const headOid = heads.get(known.branch);
      // A branch that is gone is not a new head; the next job that fetches it says so.
      if (!headOid || known.heads.includes(headOid)) continue;
      await this.deps.executor.execute(id, { type: 'ObserveHead', data: { headOid } }, this.deps.contextOf(project), {
        commandId: (task) => `${id}@${task.revision}:ObserveHead:${headOid}`,
      });
    }
  }
}
