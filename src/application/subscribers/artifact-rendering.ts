import { parseTaskId, TASK_STREAM_PREFIX, taskIn } from '../../domain/ids';
import { isObject } from '../../domain/shape';
import { CITING } from '../../domain/task/cited-artifacts';
import type { ArtifactRef } from '../../domain/task/task.events';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { Clock } from '../ports/clock';
import type { ArtifactStore } from '../ports/artifact-store';
import type { StoredEvent } from '../ports/event-store';
import type { GitWorkspace } from '../ports/git-workspace';
import type { Logger } from '../ports/logger';
import type { Projects } from '../projects';
import { readTaskEvent } from '../read-events';
import type { TaskRepository } from '../task-repository';
import { LATE, within } from '../within';
import { BatchHandler, type Batch } from './batch-handler';

export interface RenderingDeps {
  readonly tasks: TaskRepository;
  readonly artifacts: ArtifactStore;
  readonly git: GitWorkspace;
  readonly projects: Projects;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** After so many tries in vain a repository keeps the artifacts of others waiting no longer: some seconds. */
const MOST_TRIES = 5;
/** One that says nothing for so long takes nothing. Less than the time of a batch, which would be over without a word of why. */
const PUBLISH_MS = 10_000;

/** Puts artifacts that verdicts, re-tests and evidence cite under their names: as files, and into the repository. */
export class ArtifactRendering extends BatchHandler {
  readonly name = 'artifacts';
  readonly prefix = TASK_STREAM_PREFIX;

  constructor(private readonly deps: RenderingDeps) {
    super();
  }

  wants({ type, data }: Pick<StoredEvent, 'type' | 'data'>): boolean {
    return (CITING as readonly string[]).includes(type) && isObject(data['artifact']);
  }

  async handle({ events, tries, done }: Batch): Promise<void> {
    const [tried] = events.map(projectOf);
    for (const stored of events) {
      const due = await this.dueFor(stored);
      // It was the first one that was in the way: nothing has been asked of other repositories yet.
      if (due) await this.render(due.task, due.artifact, projectOf(stored) === tried ? tries : 0);
      done(stored);
    }
  }

  /** @returns null where a newer artifact has its name already, or the task cannot be relied on, which is told elsewhere. */
  private async dueFor(stored: StoredEvent): Promise<{ task: SubmittedTask; artifact: ArtifactRef } | null> {
    const event = readTaskEvent(stored);
    const artifact = artifactIn(event);
    if (!artifact) return null;
    const { state: task } = await this.deps.tasks.asOf(taskIn(stored.stream), stored.revision);
    if (task.kind === 'unknown' || task.damage) return null;
    return task.artifacts[artifact.name]?.at(-1) === artifact.digest ? { task, artifact } : null;
  }

  private async render(task: SubmittedTask, artifact: ArtifactRef, tries: number): Promise<void> {
    const { artifacts, logger } = this.deps;
    const fields = { task: task.id, artifact: artifact.name };
    const check = await artifacts.ensureNamed(task.id, artifact, task.artifacts[artifact.name]);
    if (check.kind === 'different') logger.warn('an artifact was changed by somebody else', fields);
    const content = await artifacts.get(artifact.digest);
    if (!content) {
      logger.warn('an artifact is lost and cannot be rendered', fields);
      return;
    }
    try {
      await this.publish(task, artifact, new TextDecoder().decode(content));
    } catch (error) {
      if (tries < MOST_TRIES) throw error;
      logger.warn('an artifact is not published in its repository', { ...fields, error: String(error) });
    }
  }

  private async publish({ id }: SubmittedTask, { name }: ArtifactRef, text: string): Promise<void> {
    const project = this.deps.projects.get(parseTaskId(id)?.project ?? '');
    if (!project) throw new Error(`${id}: expected a process that works for its project, saw one that does not`);
    const { clock, git } = this.deps;
    const published = git.publishArtifacts(project.repository, id, new Map([[name, text]]));
    if ((await within(clock, PUBLISH_MS, published)) === LATE)
      throw new Error(`${id}: expected its repository to answer within ${PUBLISH_MS / 1000} s, saw nothing`);
  }
}

function artifactIn(event: ReturnType<typeof readTaskEvent>): ArtifactRef | null {
  switch (event.type) {
    case 'VerdictRecorded':
    case 'RetestFinished':
    case 'EvidenceRecorded':
      return event.data.artifact ?? null;
    default:
      return null;
  }
}

function projectOf({ stream }: StoredEvent): string | undefined {
  return parseTaskId(taskIn(stream))?.project;
}
