import { lacking } from '../../domain/authority/needed-rights';
import { SERVICE, type Principal } from '../../domain/authority/principal';
import type { TaskId } from '../../domain/ids';
import type { Job } from '../../domain/task/job';
import { nextStep } from '../../domain/task/next-step';
import { doesCommit, rowOf, type AgentRole } from '../../domain/task/pipeline';
import type { OpenClaim, SubmittedTask } from '../../domain/task/task.state';
import { makeBrief } from '../briefs/make-brief';
import { outsideClaim } from '../conductor/claims';
import { askedContext } from '../asked-context';
import type { FetchedHeads } from '../ports/git-workspace';
import type { Project } from '../projects';
import { projectAsked, projectFor, refused, RequestRefused, unfit } from '../refusals';
import { fetchHeads, type OutsideDeps } from './outside-deps';
import { A_ROLE, isRole } from './roles';
import type { Taken, TakeRequest } from './work-requests';

/** Gives work that no configured agent does to whoever asks for it, one claim at a time. */
export class TakeWork {
  constructor(private readonly deps: OutsideDeps) {}

  async take({ task, project, role }: TakeRequest, principal: Principal): Promise<Taken> {
    this.demandGround();
    if (role !== undefined && !isRole(role)) throw unfit('invalid-role', 'role', A_ROLE, role);
    if (task !== undefined) return this.takeFrom(task, role, principal);
    if (role === undefined) throw unfit('invalid-role', 'role', `${A_ROLE}, or a task`, 'neither');
    if (project !== undefined) projectAsked(this.deps.projects, project, 'ClaimTransition', principal);
    // Whoever may work nowhere is told so, and not that there is nothing.
    else demandRight(principal, principal.projects === '*' ? null : (principal.projects[0] ?? null));
    for (const id of await this.deps.offers({ within: project === undefined ? principal.projects : [project], role })) {
      const taken = await this.takeIfStillThere(id, role, principal);
      if (taken) return taken;
    }
    const where = project === undefined ? '' : ` of ${project}`;
    throw new RequestRefused(
      'unknown',
      'nothing-to-take',
      `work: expected work for a ${role}${where}, saw none; ask again later`,
    );
  }

  private demandGround(): void {
    const obstacle = this.deps.ground?.obstacle();
    if (obstacle) throw obstacle;
  }

  /** Somebody may have been faster: then the next one is asked for. */
  private async takeIfStillThere(id: TaskId, role: AgentRole, principal: Principal): Promise<Taken | null> {
    try {
      return await this.takeFrom(id, role, principal);
    } catch (error) {
      if (error instanceof RequestRefused && error.kind !== 'invalid') return null;
      throw error;
    }
  }

  private async takeFrom(id: TaskId, role: AgentRole | undefined, principal: Principal): Promise<Taken> {
    const project = projectFor(this.deps.projects, id, 'ClaimTransition', principal);
    await this.offer(id, role, project);
    if (!(await this.deps.isPolicyInForce(project))) {
      const text = `another service has recorded another policy of ${project.policy.project}; ask that one, or restart this`;
      throw new RequestRefused('conflict', 'policy-not-in-force', `${id}: ${text}`);
    }
    const heads = await this.fetch(await this.load(id), project);
    const job = await this.offer(id, role, project);
    const secret = this.deps.ids.secret();
    const claim = outsideClaim(this.deps, job, { by: principal.name, secretDigest: this.deps.hasher.sha256(secret) });
    const context = askedContext(this.deps, project, principal);
    const options = { commandId: claim.data.claimId };
    const done = await this.deps.executor.execute(id, claim, context, options);
    if (done.kind === 'rejected') throw refused(id, done);
    if (done.kind === 'nothing' || !done.task.claim) throw new Error(`${id}: a claim was neither stored nor refused`);
    try {
      return await this.taken(done.task, done.task.claim, project, heads, secret);
    } catch (error) {
      // Nobody will ever know the secret.
      await this.giveBack(done.task.claim, id, project, principal, secret).catch(() => undefined);
      throw error;
    }
  }

  private async load(id: TaskId): Promise<SubmittedTask> {
    const { state } = await this.deps.tasks.load(id);
    if (state.kind === 'unknown') throw new RequestRefused('unknown', 'unknown-task', `${id}: no such task`);
    return state;
  }

  /** What there is to take, as the decider will see it. */
  private async offer(id: TaskId, role: AgentRole | undefined, project: Project): Promise<Job & { kind: 'agent' }> {
    const task = await this.load(id);
    const { at, policy, surroundings } = await askedContext(this.deps, project, SERVICE)(task);
    const step = nextStep(task, at, policy, surroundings);
    const job = step.kind === 'await' ? step.offer : undefined;
    if (job?.kind === 'agent' && (role === undefined || role === job.role)) return job;
    const seen = job?.kind === 'agent' ? `work for a ${job.role}` : step.why.text;
    throw new RequestRefused(
      'conflict',
      'not-offered',
      `${id}: expected work for ${role ?? 'somebody'} to take, saw ${seen}`,
    );
  }

  /** The commits that the work is about. A head that nobody has told of yet is recorded before anything is taken. */
  private async fetch(task: SubmittedTask, project: Project): Promise<FetchedHeads> {
    const heads = await fetchHeads(this.deps, task, project);
    if (heads.headOid === task.headOid) return heads;
    const command = { type: 'ObserveHead', data: { headOid: heads.headOid, known: task.headOid } } as const;
    await this.deps.executor.execute(task.id, command, askedContext(this.deps, project, SERVICE), {
      commandId: ({ revision }) => `${task.id}@${String(revision)}:ObserveHead:${heads.headOid}`,
    });
    return heads;
  }

  private async taken(
    task: SubmittedTask,
    claim: OpenClaim,
    project: Project,
    { headOid: fetched, baseOid }: FetchedHeads,
    secret: string,
  ): Promise<Taken> {
    if (claim.job.kind !== 'agent' || !claim.outside)
      throw new Error(`claim ${claim.token} is not for an outside worker`);
    const { role } = claim.job;
    const { stage, runId } = claim;
    const heads = { headOid: claim.headOid ?? fetched, baseOid };
    return {
      ...{ task: task.id, project: task.project, title: task.title, stage, role, claim: claim.token, secret, runId },
      deadlineAt: claim.deadlineAt,
      endsAt: claim.outside.endsAt,
      ...{ repository: project.repository.path, branch: task.branch, main: project.policy.main, ...heads },
      artifact: answerOf(role, claim),
      brief: await makeBrief(this.deps.artifacts, { task, project, role, stage, runId, heads }),
    };
  }

  private async giveBack(
    claim: OpenClaim,
    id: TaskId,
    project: Project,
    principal: Principal,
    secret: string,
  ): Promise<void> {
    const command = {
      type: 'ReleaseClaim',
      data: { claim: claim.token, reason: 'its brief could not be made' },
    } as const;
    const context = askedContext(this.deps, project, principal, this.deps.hasher.sha256(secret));
    await this.deps.executor.execute(id, command, context, { commandId: `${claim.claimId}:unbriefed` });
  }
}

function demandRight(principal: Principal, project: string | null): void {
  const lack = lacking(principal, 'ClaimTransition', project);
  if (lack !== null) throw new RequestRefused('forbidden', 'not-allowed', lack);
}

/** What the role answers with; null for commits on the branch. */
function answerOf(role: AgentRole, { stage }: OpenClaim): Taken['artifact'] {
  const { artifact } = rowOf(stage);
  if (doesCommit(role) || !artifact) return null;
  const { file, verdictKey: key, passes, fails } = artifact;
  return { file, key, values: [passes, ...(fails === null ? [] : [fails])] };
}
