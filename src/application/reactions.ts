import type { ArtifactRef, TaskEvent } from '../domain/task/task.events';
import type { SubmittedTask } from '../domain/task/task.state';
import { parseTaskId, type TaskId } from '../domain/ids';
import type { AlertSink } from './ports/alert-sink';
import type { ArtifactStore } from './ports/artifact-store';
import type { GitWorkspace } from './ports/git-workspace';
import type { Log } from './ports/log';
import type { Projects } from './projects';

export interface ReactionsDeps {
  readonly alerts: AlertSink;
  readonly artifacts: ArtifactStore;
  readonly git: GitWorkspace;
  readonly projects: Projects;
  readonly out: Log;
}

/**
 * What the process that appended an event does about it right away: says alerts, renders artifacts under their names.
 * Both only repeat what the log says, so that a crash in between costs a rendering, which the merge gate makes good.
 */
export class Reactions {
  /** Per task, one after the other: what came last has to be rendered last. */
  private readonly pending = new Map<TaskId, Promise<void>>();

  constructor(private readonly deps: ReactionsDeps) {}

  onAppended(task: SubmittedTask, events: readonly TaskEvent[]): void {
    for (const event of events) {
      if (event.type === 'AlertRaised') this.deps.alerts.send({ ...event.data, task: task.id });
      if (event.type === 'VerdictRecorded' && event.data.artifact) this.keep(task, event.data.artifact);
    }
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

  private keep(task: SubmittedTask, artifact: ArtifactRef): void {
    const before = this.pending.get(task.id) ?? Promise.resolve();
    const work = before.then(() => this.render(task, artifact));
    this.pending.set(task.id, work);
    void work.finally(() => {
      if (this.pending.get(task.id) === work) this.pending.delete(task.id);
    });
  }
}
