import { askedContext } from './asked-context';
import type { Executed, TaskExecutor } from './execute-task';
import type { Clock } from './ports/clock';
import type { GitWorkspace, RepositoryRef } from './ports/git-workspace';
import type { Ids } from './ports/ids';
import type { Project, Projects } from './projects';
import { misfit, projectAsked, projectFor, refused, RequestRefused, unfit } from './refusals';
import type { Accepted, Conditions, Operation, OverrideRequest, SubmitRequest, WaiverRequest } from './requests';
import { repositoryRefusal } from './repository-refusal';
import { asideOf } from './set-aside';
import type { TaskRepository } from './task-repository';
import { isWithin, type Principal, type ProjectScope } from '../domain/authority/principal';
import { AN_INSTANT, instant, parseInstant } from '../domain/instant';
import {
  A_BRANCH_NAME,
  A_TASK_KEY,
  isBranchName,
  isTaskKey,
  parseTaskId,
  taskIdOf,
  taskKeyOf,
  type TaskId,
} from '../domain/ids';
import { A_DEPENDENCY_LIST, isDependencyList } from '../domain/task/dependencies';
import { GATES, isGateName, isStageName } from '../domain/task/pipeline';
import { PRIORITIES } from '../domain/task/priority';
import {
  A_DESCRIPTION,
  A_PATH_LIST,
  A_REASON,
  A_TITLE,
  isDescription,
  isPathList,
  isReason,
  isTitle,
  sizeOfText,
} from '../domain/task/texts';
import type { SetAside, TaskCommand, TaskCommandData } from '../domain/task/task.commands';

export interface OperationsDeps {
  readonly executor: TaskExecutor;
  readonly tasks: Pick<TaskRepository, 'load'>;
  readonly projects: Projects;
  readonly git: GitWorkspace;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What people and programs ask of tasks, whichever door they come through. */
export class Operations {
  constructor(private readonly deps: OperationsDeps) {}

  async submit(request: SubmitRequest, principal: Principal, asked: Conditions = {}): Promise<Accepted> {
    // Asked by the decider too; here it keeps git from being asked for somebody who may not submit.
    const project = projectAsked(this.deps.projects, request.project, 'SubmitTask', principal);
    const { branch, id, title = branch, description, startStage = 'created', priority = PRIORITIES.usual } = request;
    // Without a name that git can be asked for there is no head, and so no task that intake could look at.
    if (!isBranchName(branch)) throw unfit('invalid-branch', 'branch', A_BRANCH_NAME, branch);
    if (!isStageName(startStage)) throw unfit('unknown-stage', 'startStage', 'a stage of the pipeline', startStage);
    if (id !== undefined && !isTaskKey(id)) throw unfit('invalid-task-id', 'id', A_TASK_KEY, id);
    if (!isTitle(title)) throw unfit('invalid-title', 'title', A_TITLE, title);
    if (description !== undefined && !isDescription(description))
      throw misfit('invalid-description', 'description', A_DESCRIPTION, sizeOfText(description));
    const { keyed } = asked;
    // A name that the same request has again, whatever has been pushed since.
    const seed = keyed && this.deps.ids.eventId(keyed.commandId, 0);
    if (keyed && seed !== undefined) {
      const given = taskIdOf(project.policy.project, id ?? taskKeyOf(branch, seed, 1));
      const done = await this.deps.executor.repeated(given, keyed);
      if (done) return accepted(given, SUBMITTED, done);
    }
    const after = await this.dependencies(request, principal.projects);
    const headOid = await this.headOf(project, branch);
    const said = description === undefined ? { title } : { title, description };
    const data = { project: project.policy.project, ...said, branch, headOid, startStage, priority, ...after };
    for (let count = 1; ; count += 1) {
      const taskId = taskIdOf(data.project, id ?? taskKeyOf(branch, seed ?? headOid, count));
      // Ids of its own: what two submissions of one name have in common is for the decider to say, not for the store.
      const options = { commandId: `submit:${taskId}:${this.deps.ids.uuid()}`, isFirst: true, keyed };
      const command: TaskCommand = { type: 'SubmitTask', data: { ...data, taskId } };
      const done = await this.deps.executor.execute(
        taskId,
        command,
        askedContext(this.deps, project, principal),
        options,
      );
      if (id !== undefined || keyed || !isInTheWay(done)) return accepted(taskId, command, done);
    }
  }

  async operate(
    operation: Operation,
    id: string,
    reason: string,
    principal: Principal,
    asked: Conditions = {},
  ): Promise<Accepted> {
    if (!isReason(reason)) throw unfit('invalid-reason', 'reason', A_REASON, reason);
    return this.ask(operation, id, { type: COMMANDS[operation], data: { reason } }, principal, asked);
  }

  async changePriority(id: string, priority: number, principal: Principal, asked: Conditions = {}): Promise<Accepted> {
    return this.ask('priority', id, { type: 'ChangePriority', data: { priority } }, principal, asked);
  }

  async override(
    id: string,
    request: OverrideRequest,
    principal: Principal,
    asked: Conditions = {},
  ): Promise<Accepted> {
    const data = overrideOf(request, null);
    return this.ask('override', id, { type: 'OverrideGate', data }, principal, asked);
  }

  async waive(id: string, request: WaiverRequest, principal: Principal, asked: Conditions = {}): Promise<Accepted> {
    const data = overrideOf(request, request.paths ?? 'named');
    return this.ask('waive', id, { type: 'OverrideGate', data }, principal, asked);
  }

  /** @throws RequestRefused when the command would be refused as things are. */
  async demand(id: string, command: TaskCommand, principal: Principal): Promise<void> {
    const project = projectFor(this.deps.projects, id, command.type, principal);
    const decision = await this.deps.executor.preview(id, command, askedContext(this.deps, project, principal));
    if (decision.kind === 'reject') throw refused(id, decision);
  }

  /** A command that a door has made of what it was asked. */
  order(verb: string, id: string, command: TaskCommand, principal: Principal, asked?: Conditions): Promise<Accepted> {
    return this.ask(verb, id, command, principal, asked);
  }

  /** What a command has led to that was sent before, under its key; null when it was not. */
  async repeated(id: string, command: TaskCommand, principal: Principal, asked: Conditions): Promise<Accepted | null> {
    projectFor(this.deps.projects, id, command.type, principal);
    const done = await this.deps.executor.repeated(id, asked.keyed);
    return done && accepted(id, command, done);
  }

  private async ask(
    verb: string,
    id: string,
    command: TaskCommand,
    principal: Principal,
    asked: Conditions = {},
  ): Promise<Accepted> {
    const project = projectFor(this.deps.projects, id, command.type, principal);
    const options = { commandId: `${verb}:${id}:${this.deps.ids.uuid()}`, ...asked };
    const done = await this.deps.executor.execute(id, command, askedContext(this.deps, project, principal), options);
    return accepted(id, command, done);
  }

  /**
   * Only tasks that exist are waited for, and they were submitted before: so no task ever waits for itself, by whatever detour.
   * One that has ended without landing is taken all the same, and holds the task when it gets there.
   */
  private async dependencies(
    { dependsOn = [] }: SubmitRequest,
    within: ProjectScope,
  ): Promise<{ readonly dependsOn?: readonly TaskId[] }> {
    if (dependsOn.length === 0) return {};
    if (!isDependencyList(dependsOn))
      throw unfit('invalid-dependency', 'dependsOn', A_DEPENDENCY_LIST, dependsOn.join(', '));
    for (const id of dependsOn) {
      const isSeen = isWithin(within, parseTaskId(id)?.project ?? '');
      if (!isSeen || (await this.deps.tasks.load(id)).state.kind === 'unknown')
        throw unfit('invalid-dependency', 'dependsOn', 'tasks that exist', id);
    }
    return { dependsOn };
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
}

function setAside(project: string, { cause, remedy }: Pick<SetAside, 'cause' | 'remedy'>): RequestRefused {
  return new RequestRefused('conflict', 'project-set-aside', `${project} is set aside: ${cause}; ${remedy}`);
}

const SUBMITTED = { type: 'SubmitTask' } as const;
const COMMANDS = { hold: 'HoldTask', release: 'ReleaseTask', retry: 'RetryTask', cancel: 'CancelTask' } as const;

/** A task that was rejected, under a name that was made here, when what is asked for now is something else or is taken now. */
function isInTheWay({ kind, task }: Executed): boolean {
  return kind === 'rejected' && task.kind !== 'unknown' && task.stage === 'rejected';
}

function accepted(id: string, command: Pick<TaskCommand, 'type'>, done: Executed): Accepted {
  if (done.kind === 'rejected') throw refused(id, done);
  const { task } = done;
  if (task.kind === 'unknown') throw new RequestRefused('unknown', 'unknown-task', `${id}: no such task`);
  if (command.type === 'SubmitTask' && task.stage === 'rejected')
    throw new RequestRefused('invalid', 'task-rejected', `${id} is recorded as rejected: ${task.lastReason ?? ''}`);
  const isQueued = task.requests.some(({ request }) => COMMANDS[request as Operation] === command.type);
  return { id, stage: task.stage, revision: String(task.revision), isQueued };
}

/** @throws RequestRefused of what no gate could be let pass by, whatever the task. */
function overrideOf(
  { gate, reason, expiresAt }: OverrideRequest,
  paths: readonly string[] | 'named' | null,
): TaskCommandData['OverrideGate'] {
  if (!isReason(reason)) throw unfit('invalid-reason', 'reason', A_REASON, reason);
  if (!isGateName(gate)) throw unfit('unknown-gate', 'gate', `one of ${GATES.join(', ')}`, gate);
  if (paths && paths !== 'named' && !isPathList(paths))
    throw unfit('invalid-paths', 'paths', A_PATH_LIST, JSON.stringify(paths));
  const until = expiresAt === undefined ? null : parseInstant(expiresAt);
  if (expiresAt !== undefined && !until) throw unfit('invalid-expiry', 'expiresAt', AN_INSTANT, expiresAt);
  return { gate, reason, paths, expiresAt: until };
}
