import type { ContextOf, Executed, ExecuteOptions, TaskExecutor } from './execute-task';
import type { Clock } from './ports/clock';
import type { GitWorkspace, RepositoryRef } from './ports/git-workspace';
import type { Ids } from './ports/ids';
import type { Project, Projects } from './projects';
import { quoted } from './secrets';
import { repositoryRefusal } from './repository-refusal';
import { asideOf } from './set-aside';
import { lacking } from '../domain/authority/needed-rights';
import type { Principal } from '../domain/authority/principal';
import { instant } from '../domain/instant';
import { isBranchName, isProjectKey, isTaskKey, parseTaskId, taskIdOf } from '../domain/ids';
import { isStageName } from '../domain/task/pipeline';
import { PRIORITIES } from '../domain/task/priority';
import type { SetAside, TaskCommand } from '../domain/task/task.commands';

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
    readonly kind: 'forbidden' | 'invalid' | 'unknown' | 'conflict',
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
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What people and programs ask of tasks, whichever door they come through. */
export class Operations {
  constructor(private readonly deps: OperationsDeps) {}

  async submit(request: SubmitRequest, principal: Principal): Promise<Accepted> {
    // Asked by the decider too; here it keeps git from being asked for somebody who may not submit.
    const lack = lacking(principal, 'SubmitTask');
    if (lack !== null) throw new RequestRefused('forbidden', 'not-allowed', lack);
    const project = this.projectOf(request.project);
    const { branch, startStage = 'created', priority = PRIORITIES.usual } = request;
    if (!isBranchName(branch)) {
      throw new RequestRefused(
        'invalid',
        'invalid-branch',
        `branch: expected a plain name, saw ${quoted(branch)}; rename it`,
      );
    }
    if (!isStageName(startStage)) {
      throw new RequestRefused(
        'invalid',
        'unknown-stage',
        `startStage: expected a stage of the pipeline, saw ${quoted(startStage)}`,
      );
    }
    const headOid = await this.headOf(project, branch);
    const key = request.id ?? `${branch.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 48)}-${headOid.slice(0, 8)}`;
    if (!isTaskKey(key)) {
      throw new RequestRefused(
        'invalid',
        'invalid-task-id',
        `id: expected letters, digits, _ and -, saw ${quoted(key)}`,
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
    const commandId = `submit:${id}:${this.deps.ids.uuid()}`;
    return this.execute(id, { type: 'SubmitTask', data }, project, principal, { commandId, isFirst: true });
  }

  operate(operation: OperationName, id: string, reason: string, principal: Principal): Promise<Accepted> {
    const project = this.projectOf(parseTaskId(id)?.project ?? id);
    const command: TaskCommand = { type: COMMANDS[operation], data: { reason } };
    const commandId = `${operation}:${id}:${this.deps.ids.uuid()}`;
    return this.execute(id, command, project, principal, { commandId });
  }

  private async execute(
    id: string,
    command: TaskCommand,
    project: Project,
    principal: Principal,
    options: ExecuteOptions,
  ): Promise<Accepted> {
    const done = await this.deps.executor.execute(id, command, this.contextOf(project, principal), options);
    if (done.kind === 'rejected') throw refused(done, id);
    const { task } = done;
    if (task.kind === 'unknown') throw new RequestRefused('unknown', 'unknown-task', `${id}: no such task`);
    const isQueued = task.requests.some(({ request }) => COMMANDS[request as OperationName] === command.type);
    return { id, stage: task.stage, revision: String(task.revision), isQueued };
  }

  private contextOf(project: Project, principal: Principal): ContextOf {
    const { clock, ids, projects } = this.deps;
    return () => ({
      at: instant(clock.now()),
      policy: project.policy,
      policyDigest: project.policyDigest,
      surroundings: { lane: NO_LANE, switches: projects.switches(project.policy.project) },
      random: ids.random(),
      principal,
    });
  }

  private async headOf({ repository }: Project, branch: string): Promise<string> {
    const fault = this.deps.projects.fault(repository.project);
    if (fault) throw setAside(repository.project, fault);
    const facts = await this.deps.git.inspect(repository, branch).catch((error: unknown) => {
      throw this.refusalOf(repository, error);
    });
    const refused = repositoryRefusal(repository, branch, facts);
    if (refused) throw new RequestRefused('invalid', refused.code, `${refused.about}: ${refused.text}`);
    return facts.branchOid ?? '';
  }

  /** A task whose branch nobody has seen would be a guess. */
  private refusalOf(repository: RepositoryRef, error: unknown): unknown {
    const { projects, clock } = this.deps;
    const cause = asideOf(repository, error);
    if (!cause) return error;
    projects.putAside(repository.project, { ...cause, since: instant(clock.now()) });
    return setAside(repository.project, cause);
  }

  private projectOf(key: string): Project {
    const project = isProjectKey(key) ? this.deps.projects.get(key) : null;
    if (project) return project;
    const known = this.deps.projects.all().map(({ policy }) => policy.project);
    const text = `project: expected one of ${known.join(', ') || 'none configured'}, saw ${quoted(key)}`;
    throw new RequestRefused('unknown', 'unknown-project', text);
  }
}

function setAside(project: string, { cause, remedy }: Pick<SetAside, 'cause' | 'remedy'>): RequestRefused {
  return new RequestRefused('conflict', 'project-set-aside', `${project} is set aside: ${cause}; ${remedy}`);
}

/** Only jobs depend on the lane, and nobody asks for jobs: it is not read for this. */
const NO_LANE = { holder: null, nextInLine: null };
const COMMANDS = { hold: 'HoldTask', release: 'ReleaseTask', retry: 'RetryTask', cancel: 'CancelTask' } as const;

function refused({ reason, detail }: Extract<Executed, { kind: 'rejected' }>, id: string): RequestRefused {
  return new RequestRefused(kindOf(reason), reason, `${id}: ${detail}`);
}

function kindOf(reason: Extract<Executed, { kind: 'rejected' }>['reason']): RequestRefused['kind'] {
  if (reason === 'not-allowed') return 'forbidden';
  if (reason === 'unknown-task') return 'unknown';
  return reason.startsWith('invalid-') || reason === 'stage-not-an-entry' ? 'invalid' : 'conflict';
}
