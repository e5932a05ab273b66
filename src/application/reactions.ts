import type { ArtifactRef, TaskEvent } from '../domain/task/task.events';
import type { SubmittedTask } from '../domain/task/task.state';
import { parseTaskId, type TaskId } from '../domain/ids';
import type { AlertSink } from './ports/alert-sink';
import type { ArtifactStore } from './ports/artifact-store';
import type { GitWorkspace } from './ports/git-workspace';
import type { Log } from './ports/log';
import type { Owed, OwedReactions } from './ports/owed-reactions';
import type { Projects } from './projects';

export interface ReactionsDeps {
  readonly alerts: AlertSink;
  readonly artifacts: ArtifactStore;
  readonly git: GitWorkspace;
  readonly projects: Projects;
  readonly owed: OwedReactions;
  readonly out: Log;
}

/**
 * What the process that appended an event does about it right away: says alerts, renders artifacts under their names.
 * Both only repeat what the log says. What is owed is noted before the append and struck off when it is done, so that the
 * next process can make up for one that ended in between.
 */
export class Reactions {
  /** Per task, one after the other: what came last has to be rendered last. */
  private readonly pending = new Map<TaskId, Promise<void>>();

  constructor(private readonly deps: ReactionsDeps) {}

  /** @returns what to hand over when it is known how the append ended; null when there will be nothing to do. */
  async beforeAppend(events: readonly TaskEvent[], owed: Owed): Promise<Owed | null> {
    if (!events.some(asksForMore)) return null;
    try {
      await this.deps.owed.note(owed);
    } catch (error) {
      // The decision counts all the same: it would be worse to lose that than an alert line.
      this.deps.out.warn(
        'an alert or artifact that comes next could not be noted; it is lost if this process ends now',
        {
          task: owed.task,
          error: String(error),
        },
      );
    }
    return owed;
  }

  onAppended(task: SubmittedTask, events: readonly TaskEvent[], owed: Owed | null): void {
    if (!owed) return;
    for (const event of events)
      if (event.type === 'AlertRaised') this.deps.alerts.send({ ...event.data, task: task.id });
    this.inTurn(task.id, async () => {
      for (const event of events)
        if (event.type === 'VerdictRecorded' && event.data.artifact) await this.render(task, event.data.artifact);
      await this.strike(owed);
    });
  }

  onRefused(owed: Owed | null): void {
    if (owed) this.inTurn(owed.task, () => this.strike(owed));
  }

  /** Resolves when everything that was begun is done. */
  async settled(): Promise<void> {
    await Promise.all(this.pending.values());
  }

  private async render(task: SubmittedTask, artifact: ArtifactRef): Promise<void> {
    const { artifacts, git, projects, out } = this.deps;
    try {
      const check = await artifacts.ensureNamed(task.id, artifact, task.artifacts[artifact.name]);
      if (check.kind === 'different')
        out.warn('an artifact was changed by somebody else', { task: task.id, artifact: artifact.name });
      const content = await artifacts.get(artifact.digest);
      const project = projects.get(parseTaskId(task.id)?.project ?? '');
      if (!content || !project) return;
      const files = new Map([[artifact.name, new TextDecoder().decode(content)]]);
      await git.publishArtifacts(project.repository, task.id, files);
    } catch (error) {
      out.warn('an artifact could not be rendered; the merge gate will', { task: task.id, error: String(error) });
    }
  }

  /** What stays noted is done once more by the next process, which does no harm. */
  private async strike(owed: Owed): Promise<void> {
    try {
      await this.deps.owed.strike(owed);
    } catch (error) {
      this.deps.out.warn('a note of what was done could not be removed', { task: owed.task, error: String(error) });
    }
  }

  private inTurn(task: TaskId, next: () => Promise<void>): void {
    const before = this.pending.get(task) ?? Promise.resolve();
    const work = before.then(next);
    this.pending.set(task, work);
    void work.finally(() => {
      if (this.pending.get(task) === work) this.pending.delete(task);
    });
  }
}

function asksForMore(event: TaskEvent): boolean {
  return event.type === 'AlertRaised' || (event.type === 'VerdictRecorded' && event.data.artifact !== null);
}
