import type { Principal } from '../../domain/authority/principal';
import type { TaskId } from '../../domain/ids';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { TaskExecutor } from '../execute-task';
import type { ArtifactStore } from '../ports/artifact-store';
import type { Clock } from '../ports/clock';
import type { EventStore } from '../ports/event-store';
import { GitError, type FetchedHeads, type GitWorkspace } from '../ports/git-workspace';
import type { Ground } from '../ports/ground';
import type { Hasher, Ids } from '../ports/ids';
import type { Project, Projects } from '../projects';
import { RequestRefused } from '../refusals';
import type { TaskRepository } from '../task-repository';

export interface OutsideDeps {
  readonly executor: TaskExecutor;
  readonly tasks: TaskRepository;
  readonly store: EventStore;
  readonly projects: Projects;
  readonly git: GitWorkspace;
  /** What this process stands on; left out where nobody looks. */
  readonly ground?: Pick<Ground, 'obstacle'>;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hasher: Hasher;
  /** How long a claim may last, whatever heartbeats come. */
  readonly boundMs: number;
  /** Tasks with work to take, the most urgent first; what they say may be a moment old. */
  readonly offers: (ask: {
    readonly within: Principal['projects'];
    readonly role: string;
  }) => Promise<readonly TaskId[]>;
  /** False while another replica has recorded another policy than this process has. */
  readonly isPolicyInForce: (project: Project) => Promise<boolean>;
}

/** The commits that a task is about, as its repository has them now. @throws RequestRefused with what git says. */
export async function fetchHeads(
  { git }: Pick<OutsideDeps, 'git'>,
  { id, branch }: Pick<SubmittedTask, 'id' | 'branch'>,
  { repository }: Project,
): Promise<FetchedHeads> {
  try {
    return await git.fetch(repository, id, branch);
  } catch (error) {
    throw error instanceof GitError ? new RequestRefused('conflict', error.code, `${id}: ${error.message}`) : error;
  }
}
