import { isFinal } from '../domain/task/pipeline';
import type { GitWorkspace } from './ports/git-workspace';
import type { Logger } from './ports/logger';
import type { Project } from './projects';
import type { TaskRepository } from './task-repository';

/** Ends of tasks after a failure before it is tried again: what failed would mostly fail again at once. */
const REST_AFTER_FAILURE = 100;

/** Keeps the own clones small, beside the work: looked at whenever a task of theirs has ended. No job waits for it. */
export class Upkeep {
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly resting = new Map<string, number>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly deps: { readonly git: GitWorkspace; readonly tasks: TaskRepository; readonly logger: Logger },
  ) {}

  /** A task of the project is at its end. */
  taskEnded({ repository }: Pick<Project, 'repository'>): void {
    const { project } = repository;
    const left = this.resting.get(project) ?? 0;
    if (left > 0) this.resting.set(project, left - 1);
    if (left > 0 || this.underWay.has(project) || this.stopping.signal.aborted) return;
    const { git, logger, tasks } = this.deps;
    const isAtEnd = async (id: string) => {
      const { state: task } = await tasks.load(id);
      return task.kind !== 'unknown' && !task.damage && isFinal(task.stage);
    };
    const work = git
      .keepUp(repository, { isFinal: isAtEnd, signal: this.stopping.signal })
      .catch((error: unknown) => {
        if (this.stopping.signal.aborted) return;
        this.resting.set(project, REST_AFTER_FAILURE);
        logger.warn('an own clone could not be tidied, and works as it is', { project, error: String(error) });
      })
      .finally(() => this.underWay.delete(project));
    this.underWay.set(project, work);
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay.values());
  }

  /** Ends what is under way, wherever it is: the next one goes on from there. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.settled();
  }
}
