import type { ContextOf, Executed, TaskExecutor } from './execute-task';
import type { Clock } from './ports/clock';
import type { EventStore } from './ports/event-store';
import type { GitWorkspace } from './ports/git-workspace';
import type { Hasher, Ids } from './ports/ids';
import type { WorkerHost } from './ports/worker-host';
import type { Project, Projects } from './projects';
import { repositoryRefusal } from './repository-refusal';
import { instant } from '../domain/instant';
import { isBranchName, isProjectKey, isTaskKey, parseTaskId, taskIdOf } from '../domain/ids';
import { isStageName } from '../domain/task/pipeline';
import type { TaskCommand } from '../domain/task/task.commands';
import { LaneKeeper } from './conductor/lane-keeper';

export interface SubmitRequest {
  readonly project: string;
  readonly id?: string | undefined;
  readonly title?: string | undefined;
  readonly branch: string;
  readonly startStage?: string | undefined;
  readonly priority?: number | undefined;
}

export type OperationName = 'hold' | 'release' | 'retry' | 'cancel';

/** A request that cannot be served. `kind` decides the HTTP status; the message is for people. */
export class RequestRefused extends Error {
  constructor(
    readonly kind: 'invalid' | 'unknown' | 'conflict',
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface Accepted {
  readonly id: string;
  readonly stage: string;
  readonly revision: string;
  /** Accepted, and answered when git has said how the landing under way ended. */
  readonly isQueued: boolean;
}

export interface OperationsDeps {
  readonly executor: TaskExecutor;
  readonly projects: Projects;
  readonly git: GitWorkspace;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hasher: Hasher;
  readonly host: WorkerHost;
}

/** What people and programs ask of tasks, whichever door they come through. */
export class Operations {
  private readonly lanes: LaneKeeper;

  constructor(private readonly deps: OperationsDeps) {
    const { store, clock, ids, hasher, host } = deps;
    this.lanes = new LaneKeeper({ store, clock, ids, hasher, worker: host.self });
  }

  async submit(request: SubmitRequest, actor: string): Promise<Accepted> {
    const project = this.projectOf(request.project);
    const { branch, startStage = 'created', priority = 5 } = request;
    if (!isBranchName(branch)) {
      throw new RequestRefused(
        'invalid',
        'invalid-branch',
        `branch: expected a plain name, saw ${JSON.stringify(branch)}; rename it`,
      );
    }
    if (!isStageName(startStage)) {
      throw new RequestRefused(
        'invalid',
        'unknown-stage',
        `startStage: expected a stage of the pipeline, saw ${JSON.stringify(startStage)}`,
      );
    }
    const headOid = await this.headOf(project, branch);
    const key = request.id ?? `${branch.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 48)}-${headOid.slice(0, 8)}`;
    if (!isTaskKey(key)) {
      throw new RequestRefused(
        'invalid',
        'invalid-task-id',
        `id: expected letters, digits, _ and -, saw ${JSON.stringify(key)}`,
      );
    }
    const id = taskIdOf(project.policy.project, key);
    const data = {
      taskId: id,
      project: project.policy.project,
      title: request.title ?? branch,
      branch,
      headOid,
      startStage,
      priority,
    };
    // Ids of its own: what two submissions of one name have in common is for the decider to say, not for the store.
    return this.execute(id, { type: 'SubmitTask', data }, project, actor, `submit:${id}:${this.deps.ids.uuid()}`);
  }

  operate(operation: OperationName, id: string, by: string, reason: string): Promise<Accepted> {
    const project = this.projectOf(parseTaskId(id)?.project ?? id);
    const command: TaskCommand = { type: COMMANDS[operation], data: { by, reason } };
    return this.execute(id, command, project, by, `${operation}:${id}:${this.deps.ids.uuid()}`);
  }

  private async execute(
    id: string,
    command: TaskCommand,
    project: Project,
    actor: string,
    commandId: string,
  ): Promise<Accepted> {
    const done = await this.deps.executor.execute(id, command, this.contextOf(project, actor), { commandId });
    if (done.kind === 'rejected') throw refused(done, id);
    const { task } = done;
    if (task.kind === 'unknown') throw new RequestRefused('unknown', 'unknown-task', `${id}: no such task`);
    const isQueued = task.requests.some(({ request }) => COMMANDS[request as OperationName] === command.type);
    return { id, stage: task.stage, revision: String(task.revision), isQueued };
  }

  private contextOf(project: Project, actor: string): ContextOf {
    const { clock, ids, projects } = this.deps;
    return async () => {
      const { grant } = await this.lanes.view(project.policy.project);
      return {
        at: instant(clock.now()),
        policy: project.policy,
        policyDigest: project.policyDigest,
        surroundings: {
          lane: { holder: grant && { taskId: grant.taskId, epoch: grant.epoch }, nextInLine: null },
          switches: projects.switches(project.policy.project),
        },
        random: ids.random(),
        actor,
      };
    };
  }

  private async headOf({ repository }: Project, branch: string): Promise<string> {
    const facts = await this.deps.git.inspect(repository, branch);
    const refused = repositoryRefusal(repository, branch, facts);
    if (refused) throw new RequestRefused('invalid', refused.code, `${refused.about}: ${refused.text}`);
    return facts.branchOid ?? '';
  }

  private projectOf(key: string): Project {
    const project = isProjectKey(key) ? this.deps.projects.get(key) : null;
    if (project) return project;
    const known = this.deps.projects.all().map(({ policy }) => policy.project);
    const text = `project: expected one of ${known.join(', ') || 'none configured'}, saw ${JSON.stringify(key)}`;
    throw new RequestRefused('unknown', 'unknown-project', text);
  }
}

const COMMANDS = { hold: 'HoldTask', release: 'ReleaseTask', retry: 'RetryTask', cancel: 'CancelTask' } as const;

function refused({ reason, detail }: Extract<Executed, { kind: 'rejected' }>, id: string): RequestRefused {
  const kind =
    reason === 'unknown-task'
      ? 'unknown'
      : reason.startsWith('invalid-') || reason === 'stage-not-an-entry'
        ? 'invalid'
        : 'conflict';
  return new RequestRefused(kind, reason, `${id}: ${detail}`);
}
