import { isSameDigest } from '../../domain/access/same-digest';
import type { Principal } from '../../domain/authority/principal';
import type { Digest, Oid, TaskId } from '../../domain/ids';
import { parseTaskId } from '../../domain/ids';
import { epochMs, instant } from '../../domain/instant';
import type { OutsideClaim } from '../../domain/task/outside';
import { doesCommit } from '../../domain/task/pipeline';
import type { OutcomeCommand, TaskCommand } from '../../domain/task/task.commands';
import type { RunRecord } from '../../domain/task/task.events';
import { citedClaim, type OpenClaim, type SubmittedTask } from '../../domain/task/task.state';
import { A_REASON, isReason } from '../../domain/task/texts';
import { usageOf } from '../../domain/usage/agent-usage';
import { OWNER_ATTEMPTS, type Executed } from '../execute-task';
import { askedContext } from '../asked-context';
import type { Project } from '../projects';
import { knownProject, projectFor, refused, RequestRefused, unfit } from '../refusals';
import { agentResult, saidOf } from '../sagas/agent-result';
import { closedClaim, GAVE_UP, handedIn, type ClosedClaim } from './closed-claim';
import { fetchHeads, type OutsideDeps } from './outside-deps';
import type { ClaimCited, CompleteRequest, EndRequest, Extended, Handed } from './work-requests';

/** A claim that is open, and whose owner has shown that it is theirs. */
interface Owned {
  readonly task: SubmittedTask;
  readonly claim: OpenClaim;
  readonly outside: OutsideClaim;
  readonly project: Project;
  readonly principal: Principal;
  readonly proof: Digest;
}

/**
 * What the worker of a claim asks for from outside. The decider is the fence; here the secret is asked for as well before
 * git, the artifacts or the past of a claim are.
 */
export class OutsideWork {
  constructor(private readonly deps: OutsideDeps) {}

  async heartbeat(id: TaskId, cited: ClaimCited, principal: Principal): Promise<Extended> {
    const project = projectFor(this.deps.projects, id, 'ExtendClaim', principal);
    const { claim: token, secret } = cited;
    const context = askedContext(this.deps, project, principal, this.deps.hasher.sha256(secret));
    const done = await this.deps.executor.execute(id, { type: 'ExtendClaim', data: { claim: token } }, context, {
      commandId: ({ revision }) => `${id}@${String(revision)}:heartbeat:${token}`,
    });
    const claim = done.kind !== 'rejected' && done.task.kind === 'submitted' ? citedClaim(done.task, token) : null;
    if (claim?.outside) return { task: id, claim: token, deadlineAt: claim.deadlineAt, endsAt: claim.outside.endsAt };
    // It is not open: whose it was, and how it ended, is for its owner alone to know.
    const owned = await this.own(id, cited, principal, 'ExtendClaim');
    if ('how' in owned) throw lost(id, token, owned);
    if (done.kind === 'rejected') throw refused(id, done);
    throw new Error(`${id}: claim ${token} was neither extended nor refused`);
  }

  /** The work is done: its artifact, or what is on the branch by now. */
  async complete(id: TaskId, request: CompleteRequest, principal: Principal): Promise<Handed> {
    const owned = await this.own(id, request, principal, 'ReportAgentDone');
    if ('how' in owned) return this.again(id, request, owned, principal, 'ReportAgentDone');
    const { claim } = owned;
    if (claim.job.kind !== 'agent') throw new Error(`claim ${claim.token} is for ${claim.job.kind}`);
    const { role } = claim.job;
    if (doesCommit(role) && request.artifact !== undefined)
      throw unfit('invalid-artifact', 'artifact', `none: a ${role} answers with commits on the branch`, 'one');
    const treeOid = doesCommit(role) ? null : await this.treeOf(id, owned);
    const bytes = request.artifact === undefined ? null : new TextEncoder().encode(request.artifact);
    const found = await agentResult(this.deps, owned, { treeOid, artifact: bytes });
    // The worker is still there and can put it right: nothing is spent, and the claim stays its own.
    if (found.kind === 'refused') {
      const text = `${found.detail}; correct it and complete again, or say that it failed`;
      throw new RequestRefused('invalid', 'invalid-artifact', `${id}: artifact: ${text}`);
    }
    const { headOid, verdict } = found;
    const said = saidOf(request.usage ? usageOf(request.usage) : null);
    const data = { claim: claim.token, role, run: this.runOf(claim), cost: null, ...said, headOid, verdict };
    return this.hand(owned, { type: 'ReportAgentDone', data }, request);
  }

  /** The worker gives up: an error of its role, within the budget. */
  async fail(id: TaskId, request: EndRequest, principal: Principal): Promise<Handed> {
    if (!isReason(request.reason)) throw unfit('invalid-reason', 'reason', A_REASON, request.reason);
    const owned = await this.own(id, request, principal, 'ReportAgentError');
    if ('how' in owned) return this.again(id, request, owned, principal, 'ReportAgentError');
    const { claim } = owned;
    if (claim.job.kind !== 'agent') throw new Error(`claim ${claim.token} is for ${claim.job.kind}`);
    const data = { claim: claim.token, role: claim.job.role, reason: GAVE_UP, detail: request.reason };
    return this.hand(owned, { type: 'ReportAgentError', data: { ...data, run: this.runOf(claim) } }, request);
  }

  /** The worker gives the work back, for somebody else to take. */
  async release(id: TaskId, request: EndRequest, principal: Principal): Promise<Handed> {
    if (!isReason(request.reason)) throw unfit('invalid-reason', 'reason', A_REASON, request.reason);
    const owned = await this.own(id, request, principal, 'ReleaseClaim');
    if ('how' in owned) return this.again(id, request, owned, principal, 'ReleaseClaim');
    const data = { claim: owned.claim.token, reason: request.reason };
    return this.hand(owned, { type: 'ReleaseClaim', data }, request);
  }

  /** @returns the claim, or how it ended. @throws RequestRefused for whoever does not own it; nothing has changed then. */
  private async own(
    id: TaskId,
    { claim: token, secret }: ClaimCited,
    principal: Principal,
    command: TaskCommand['type'],
  ): Promise<Owned | ClosedClaim> {
    const project = projectFor(this.deps.projects, id, command, principal);
    const { state: task } = await this.deps.tasks.load(id);
    if (task.kind === 'unknown') throw new RequestRefused('unknown', 'unknown-task', `${id}: no such task`);
    const proof = this.deps.hasher.sha256(secret);
    const claim = citedClaim(task, token);
    const closed = claim ? null : await closedClaim(this.deps.store, id, token);
    const outside = claim?.outside ?? closed?.claimed.outside;
    if (!outside || outside.by !== principal.name || !isSameDigest(outside.secretDigest, proof)) {
      const text = `claim ${token}: expected one that ${principal.name} has taken, and its secret; saw something else`;
      throw new RequestRefused('forbidden', 'not-your-claim', `${id}: ${text}`);
    }
    if (closed) return closed;
    if (!claim) throw new Error(`${id}: claim ${token} is neither open nor closed`);
    return { task, claim, outside, project, principal, proof };
  }

  private async hand(owned: Owned, outcome: OutcomeCommand, request: ClaimCited): Promise<Handed> {
    const { task, claim, principal } = owned;
    const options = { commandId: `${claim.claimId}:${outcome.type}`, attempts: OWNER_ATTEMPTS };
    const done = await this.deps.executor.execute(task.id, outcome, this.contextOf(owned), options);
    if (done.kind === 'rejected') return this.rejected(owned, done, request, outcome.type);
    const handed = done.kind === 'accepted' ? handedIn(done.events, task.id, claim.token) : null;
    if (handed) return handed.answer;
    const closed = await closedClaim(this.deps.store, task.id, claim.token);
    if (!closed) throw new Error(`${task.id}: claim ${claim.token} was neither ended nor refused`);
    return this.again(task.id, request, closed, principal, outcome.type);
  }

  /** It was ours a moment ago. */
  private async rejected(
    { task, claim, principal }: Owned,
    done: Extract<Executed, { kind: 'rejected' }>,
    request: ClaimCited,
    type: OutcomeCommand['type'],
  ): Promise<Handed> {
    const closed = done.reason === 'stale-claim' ? await closedClaim(this.deps.store, task.id, claim.token) : null;
    if (!closed) throw refused(task.id, done);
    return this.again(task.id, request, closed, principal, type);
  }

  /** The same answer to the same request; a result that comes too late is noted, once, and changes nothing. */
  private async again(
    id: TaskId,
    request: ClaimCited & { readonly artifact?: string | undefined },
    closed: ClosedClaim,
    principal: Principal,
    type: OutcomeCommand['type'],
  ): Promise<Handed> {
    const { handed, isRefused, claimed } = closed;
    if (handed?.by === type && this.isSameArtifact(handed.digest, request)) return handed.answer;
    if (!isRefused && type !== 'ReleaseClaim') {
      const project = knownProject(this.deps.projects, parseTaskId(id)?.project ?? id);
      const { runId, worker, claimId } = claimed;
      const data = { claim: request.claim, runId, worker, refused: type };
      const context = askedContext(this.deps, project, principal, this.deps.hasher.sha256(request.secret));
      const options = { commandId: `${claimId}:refused` };
      await this.deps.executor.execute(id, { type: 'RefuseStaleResult', data }, context, options);
    }
    throw lost(id, request.claim, closed);
  }

  private isSameArtifact(kept: Digest | null, { artifact }: { readonly artifact?: string | undefined }): boolean {
    return (artifact === undefined ? null : this.deps.hasher.sha256(artifact)) === kept;
  }

  /** @returns the tree of the head that the work is about. @throws RequestRefused when the branch is somewhere else by now. */
  private async treeOf(id: TaskId, owned: Owned): Promise<Oid> {
    const { task, claim, project } = owned;
    const heads = await fetchHeads(this.deps, task, project);
    if (heads.headOid === claim.headOid) return heads.headTree;
    const command: TaskCommand = { type: 'ReportStale', data: { claim: claim.token, headOid: heads.headOid } };
    const options = { commandId: `${claim.claimId}:stale`, attempts: OWNER_ATTEMPTS };
    await this.deps.executor.execute(task.id, command, this.contextOf(owned), options);
    const text = `${task.branch} moved from ${String(claim.headOid)} to ${heads.headOid} meanwhile; nothing is spent, take the work anew`;
    throw new RequestRefused('conflict', 'stale', `${id}: ${text}`);
  }

  private contextOf({ project, principal, proof }: Owned) {
    return askedContext(this.deps, project, principal, proof);
  }

  /** Measured by the service; of what ran elsewhere nothing else is known. */
  private runOf({ runId, since }: OpenClaim): RunRecord {
    const finishedMs = Math.max(this.deps.clock.now(), epochMs(since));
    return {
      runId,
      exitCode: null,
      startedAt: since,
      finishedAt: instant(finishedMs),
      durationMs: finishedMs - epochMs(since),
      isolation: 'outside',
      logDigest: this.deps.hasher.sha256(''),
      leaked: 0,
      usage: {},
    };
  }
}

function lost(id: TaskId, claim: string, { how }: ClosedClaim): RequestRefused {
  return new RequestRefused('conflict', 'stale-claim', `${id}: claim ${claim} ${how}; take the work anew`);
}
