import type { Oid, TaskId } from '../../domain/ids';
import { isFinal } from '../../domain/task/pipeline';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { ContextOf, TaskExecutor } from '../execute-task';
import { EventRefused } from '../ports/event-store';
import type { Logger } from '../ports/logger';
import type { Project, Projects } from '../projects';

interface Watched {
  readonly branch: string;
  readonly headOid: string | null;
  /** A job runs, which may have to be told of any head, the known one too. */
  readonly isClaimed: boolean;
}

/** Notices new commits on task branches. Polling, because nothing that tells us about a push may be load-bearing. */
export class HeadWatcher {
  /** By project. */
  private readonly watched = new Map<string, Map<TaskId, Watched>>();

  constructor(
    private readonly deps: {
      /** Commits of branches by name; null when there is nothing to be learned. */
      lookAt: (project: Project, branches: readonly string[]) => Promise<ReadonlyMap<string, Oid | null> | null>;
      projects: Projects;
      executor: TaskExecutor;
      contextOf: (project: Project) => ContextOf;
      logger: Logger;
    },
  ) {}

  watch(task: SubmittedTask): void {
    const tasks = this.watched.get(task.project) ?? new Map<TaskId, Watched>();
    this.watched.set(task.project, tasks);
    if (isFinal(task.stage) || task.damage) tasks.delete(task.id);
    else tasks.set(task.id, { branch: task.branch, headOid: task.headOid, isClaimed: task.claim !== null });
  }

  async poll(): Promise<void> {
    for (const project of this.deps.projects.all()) await this.pollOne(project);
  }

  /** Never rejects. */
  async pollOne(project: Project): Promise<void> {
    try {
      await this.pollProject(project);
    } catch (error) {
      // What one project meets must not keep the others from being looked at; the next poll tries again.
      const fields = { project: project.policy.project, error: String(error) };
      this.deps.logger.warn('new heads of a project could not be recorded', fields);
    }
  }

  private async pollProject(project: Project): Promise<void> {
    const { project: key } = project.policy;
    const mine = [...(this.watched.get(key) ?? [])];
    if (mine.length === 0 && this.deps.projects.setAside(key) === null) return;
    const branches = [...new Set(mine.map(([, { branch }]) => branch))];
    const heads = await this.deps.lookAt(project, branches);
    if (heads === null) return;
    this.deps.projects.noteGone(key, new Set(branches.filter((branch) => !heads.get(branch))));
    for (const [id, { branch, headOid: known, isClaimed }] of mine) {
      const headOid = heads.get(branch);
      // A branch that is gone is not a new head: whoever asks why is told, and the next job that fetches it says so.
      if (!headOid || (headOid === known && !isClaimed)) continue;
      const command = { type: 'ObserveHead', data: { headOid, known } } as const;
      const commandId = (task: { revision: unknown }) => `${id}@${String(task.revision)}:ObserveHead:${headOid}`;
      await this.deps.executor
        .execute(id, command, this.deps.contextOf(project), { commandId })
        .catch((error: unknown) => {
          // What the store refuses for one task must not keep the others from being looked at.
          if (!(error instanceof EventRefused)) throw error;
          this.deps.logger.error('a new head could not be recorded', { task: id, headOid, error: String(error) });
        });
    }
  }
}
