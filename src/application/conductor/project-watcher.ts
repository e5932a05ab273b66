import { instant } from '../../domain/instant';
import type { GitWorkspace } from '../ports/git-workspace';
import type { Clock } from '../ports/clock';
import type { Logger } from '../ports/logger';
import type { Project, Projects } from '../projects';
import { asideOf, noMain } from '../set-aside';
import { sleep } from '../sleep';

/** A file system that does not answer must not keep the other projects waiting at the start. */
const FIRST_LOOK_MS = 10_000;

type Heads = ReadonlyMap<string, string | null>;

/**
 * Sets a project aside whose repository cannot be worked with, and takes it back when it can. The others go on meanwhile, and
 * no task of it spends a retry on what only a person can put right.
 */
export class ProjectWatcher {
  constructor(
    private readonly deps: { git: GitWorkspace; projects: Projects; clock: Clock; logger: Logger },
    /** Called when a project was set aside or taken back. */
    private readonly changed: (project: Project) => void,
  ) {}

  /** Looks at every project once. What takes too long to tell is found out later. */
  async start(): Promise<void> {
    const { clock, projects } = this.deps;
    const looked = new AbortController();
    const all = Promise.all(projects.all().map((project) => this.look(project, []))).then(() => {
      looked.abort();
    });
    await Promise.race([all, sleep(clock, FIRST_LOOK_MS, looked.signal)]);
  }

  /** @returns heads of the branches; null where they are of no use: the project is set aside, or git did not say. */
  async look(project: Project, branches: readonly string[]): Promise<Heads | null> {
    const { git, projects, logger } = this.deps;
    const { repository } = project;
    const { project: key, main } = repository;
    if (projects.fault(key)) return null;
    try {
      const heads = await git.heads(repository, [...new Set([main, ...branches])]);
      if (!heads.get(main)) return this.putAside(project, noMain(repository));
      if (projects.takeBack(key)) {
        logger.info('a project can be worked for again', { project: key });
        this.changed(project);
      }
      return heads;
    } catch (error) {
      const cause = asideOf(repository, error);
      if (cause) return this.putAside(project, cause);
      // One repository that does not answer must not keep the others from being looked at; the next poll tries again.
      logger.warn('the branches of a project could not be looked at', { project: key, error: String(error) });
      return null;
    }
  }

  private putAside(project: Project, { cause, remedy }: { cause: string; remedy: string }): null {
    const { projects, clock, logger } = this.deps;
    const { project: key } = project.repository;
    if (!projects.putAside(key, { cause, remedy, since: instant(clock.now()) })) return null;
    logger.error('a project is set aside', { project: key, cause, do: remedy });
    this.changed(project);
    return null;
  }
}
