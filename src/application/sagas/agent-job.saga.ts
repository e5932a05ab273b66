import { classify } from '../../domain/failures/classify';
import type { JsonObject } from '../../domain/json';
import { storable } from '../../domain/storable';
import type { RunRecord, SaidOfUsage } from '../../domain/task/task.events';
import { doesCommit, type AgentRole } from '../../domain/task/pipeline';
import { makeBrief } from '../briefs/make-brief';
import type { AgentReply, AgentTransport } from '../ports/agent-transport';
import type { DisposableClone, FetchedHeads, GitWorkspace } from '../ports/git-workspace';
import { agentResult, saidOf } from './agent-result';
import { infraClass, signalOf } from './classified';
import { infraOutcome, type InfraReportDeps } from './infra-report';
import { lastOutput, runRecord } from './run-record';
import type { Saga, SagaContext, SagaOutcome } from './saga';
import { artifactFile, fetchSubject } from './subject';
import { suiteFailure } from './tool-failure';

export interface AgentJobDeps extends InfraReportDeps {
  readonly git: GitWorkspace;
  readonly agents: AgentTransport;
}

/** Has an agent do one stage's work, in a clone of its own, and reads what it left strictly. */
export class AgentJobSaga implements Saga {
  constructor(private readonly deps: AgentJobDeps) {}

  async run(context: SagaContext): Promise<SagaOutcome> {
    const { claim, project } = context;
    if (claim.job.kind !== 'agent') throw new Error(`claim ${claim.token} is not for an agent`);
    const { role } = claim.job;
    const agent = project.policy.agents[role];
    if (!agent)
      return { type: 'ReleaseClaim', data: { claim: claim.token, reason: `no ${role} agent is configured any more` } };
    const isCommitting = doesCommit(role);
    const heads = await fetchSubject(this.deps.git, context);
    if ('stale' in heads) return heads.stale;
    const { stage, runId } = claim;
    const brief = await makeBrief(this.deps.artifacts, { task: context.task, project, role, stage, runId, heads });
    const clone = await this.cloneFor(context, heads, isCommitting);
    try {
      context.beside(heads);
      const reply = await this.deps.agents.run({
        role,
        agent,
        runId: claim.runId,
        cookie: claim.cookie,
        cwd: clone.dir,
        brief,
        artifactFile: isCommitting ? null : artifactFile(context.claim.stage),
        treeKill: context.switches.subprocessTreeKill,
        signal: context.signal,
      });
      return await this.report(context, role, reply, isCommitting ? null : heads.headTree);
    } finally {
      await clone.dispose();
    }
  }

  private cloneFor(
    { task, claim, project }: SagaContext,
    { headOid, baseOid }: FetchedHeads,
    isCommitting: boolean,
  ): Promise<DisposableClone> {
    const { git } = this.deps;
    const name = claim.runId;
    const { branch } = task;
    if (isCommitting) return git.agentClone(project.repository, { branch, baseOid, name });
    return git.disposableClone(project.repository, { oid: headOid, baseOid, depth: 'full', name, branch });
  }

  private async report(
    context: SagaContext,
    role: AgentRole,
    reply: AgentReply,
    treeOid: string | null,
  ): Promise<SagaOutcome> {
    const { result } = reply;
    const run = runRecord(this.deps.hasher, result);
    const said = { run, ...saidOf(reply.usage) };
    if (result.kind === 'tool_error') {
      if (result.reason === 'aborted' && context.signal.aborted) return 'abandoned';
      const { reason, evidence } = result;
      // An agent that never started is the machine's fault; one that was cut short had its chance.
      if (result.executed !== false) return agentError(context, role, reason, evidence.join('; '), said);
      const command = context.project.policy.agents[role]?.command ?? [];
      const found = classify(signalOf(result, 'service', command));
      const step = { name: 'agent', command } as const;
      const failure = { ...suiteFailure(result, found, step, lastOutput(result)), step: 'agent' };
      return infraOutcome(this.deps, context, { failureClass: infraClass(found), failure, run, tail: '' });
    }
    if (result.exitCode !== 0)
      return agentError(context, role, 'exit-code', `the agent ended with exit code ${result.exitCode}`, said);
    const cost = reply.report ? (storable(reply.report) as JsonObject) : null;
    const found = await agentResult(this.deps, context, { treeOid, artifact: reply.artifact });
    if (found.kind === 'refused') return agentError(context, role, found.reason, found.detail, said);
    const { headOid, verdict } = found;
    return { type: 'ReportAgentDone', data: { claim: context.claim.token, role, cost, ...said, headOid, verdict } };
  }
}

function agentError(
  { claim }: SagaContext,
  role: AgentRole,
  reason: string,
  detail: string,
  said: SaidOfUsage & { readonly run: RunRecord },
): SagaOutcome {
  return { type: 'ReportAgentError', data: { claim: claim.token, role, reason, detail, ...said } };
}
