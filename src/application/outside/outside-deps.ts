import type { Principal } from '../../domain/authority/principal';
import type { Digest, TaskId } from '../../domain/ids';
import { instant } from '../../domain/instant';
import type { ContextOf, TaskExecutor } from '../execute-task';
import type { ArtifactStore } from '../ports/artifact-store';
import type { Clock } from '../ports/clock';
import type { EventStore } from '../ports/event-store';
import type { GitWorkspace } from '../ports/git-workspace';
import type { Hasher, Ids } from '../ports/ids';
import { switchSurroundings, type Project, type Projects } from '../projects';
import type { TaskRepository } from '../task-repository';

export interface OutsideDeps {
  readonly executor: TaskExecutor;
  readonly tasks: TaskRepository;
  readonly store: EventStore;
  readonly projects: Projects;
  readonly git: GitWorkspace;
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

/** What decisions about outside work are made in. Nothing that needs the lane is ever taken from outside. */
export function outsideContext(
  { clock, ids, projects }: OutsideDeps,
  project: Project,
  principal: Principal,
  proof?: Digest,
): ContextOf {
  const { project: key } = project.policy;
  return () => ({
    at: instant(clock.now()),
    policy: project.policy,
    policyDigest: project.policyDigest,
    surroundings: {
      lane: { holder: null, nextInLine: null },
      ...switchSurroundings(projects, key),
      setAside: projects.setAside(key),
    },
    random: ids.random(),
    principal,
    ...(proof !== undefined && { proof }),
  });
}
