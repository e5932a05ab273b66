import { plusMs } from '../../instant';
import { backoffMs } from '../../policy/project-policy';
import { budgetState } from '../budgets/budgets';
import { openClaim, staleClaim } from './decide-claim';
import { accept, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { moveToReported } from './heads';
import { jobKey } from '../job';
import { doesCommit, rowOf, type AgentRole, type WorkStage } from '../pipeline';
import { hold, settle } from '../settle';
import type { TaskCommandData } from '../task.commands';
import type { BudgetKey, ClaimToken, SaidOfUsage, TaskEvent } from '../task.events';
import { isNewWork, type OpenClaim, type SubmittedTask } from '../task.state';

type Done = TaskCommandData['ReportAgentDone'];

/**
 * An agent ended. What counts is a verdict, or for the developer a head that development did not start from; without it
 * the agent has made an error.
 */
export function agentDone(draft: Draft, data: Done): Decision {
  const claim = agentClaim(draft, data);
  if (claim === null) return wrongAgent(draft, data.claim);
  const missing = whatIsMissing(draft.task, data);
  if (missing) return errored(draft, claim, { ...data, ...missing });
  const { role, run, cost, headOid, verdict } = data;
  draft.add({ type: 'AgentJobFinished', data: { claim: data.claim, role, run, headOid, cost, ...saidIn(data) } });
  if (verdict && !doesCommit(role)) draft.add(verdictOf(claim, role, verdict));
  if (headOid) moveToReported(draft, claim, headOid);
  settle(draft);
  return accept(draft.events);
}

/** An agent that ended without a valid result: retried within the stage's agent budget, never a pass. */
export function agentError(draft: Draft, data: TaskCommandData['ReportAgentError']): Decision {
  const claim = agentClaim(draft, data);
  return claim === null ? wrongAgent(draft, data.claim) : errored(draft, claim, data);
}

export function agentBudget(stage: WorkStage): BudgetKey {
  return { budget: 'agent', key: stage };
}

function whatIsMissing(
  task: SubmittedTask,
  { role, headOid, verdict }: Done,
): { reason: string; detail: string } | null {
  if (!doesCommit(role)) {
    return verdict ? null : { reason: 'no-verdict', detail: `the ${role} gave no verdict` };
  }
  return isNewWork(task, headOid) ? null : { reason: 'no-commit', detail: `${task.branch} has no new commit` };
}

function verdictOf(claim: OpenClaim, role: AgentRole, verdict: NonNullable<Done['verdict']>): TaskEvent {
  const { status, treeOid, artifact } = verdict;
  return {
    type: 'VerdictRecorded',
    data: {
      stage: claim.stage,
      status,
      passed: status === rowOf(claim.stage).artifact?.passes,
      cause: null,
      runId: claim.runId,
      claim: claim.token,
      subjectOid: claim.headOid,
      treeOid,
      baseOid: null,
      suiteDigest: null,
      environmentDigest: null,
      artifact,
      producer: role,
      source: 'agent',
    },
  };
}

function errored(draft: Draft, claim: OpenClaim, data: TaskCommandData['ReportAgentError']): Decision {
  const { role, reason, detail, run } = data;
  const { at, policy, random } = draft.context;
  const key = agentBudget(claim.stage);
  const { spent, limit, left } = budgetState(draft.task, policy, key);
  const retryAt = plusMs(at, backoffMs(policy.backoff, spent, random));
  const spends = left ? key : null;
  draft.add({
    type: 'AgentJobErrored',
    data: { claim: claim.token, role, reason, detail, run, spends, retryAt, ...saidIn(data) },
  });
  if (!left) {
    const text = `${role} ended without a result ${limit + 1} times: ${detail}`;
    hold(draft, 'agent-retries-exhausted', text, { budget: key, job: claim.job });
  }
  return accept(draft.events);
}

function saidIn({ usage, usageNote }: SaidOfUsage): SaidOfUsage {
  return { ...(usage ? { usage } : {}), ...(usageNote === undefined ? {} : { usageNote }) };
}

/** The open claim, if it is the cited one and was made for an agent of that role. */
function agentClaim(draft: Draft, { claim: token, role }: { claim: ClaimToken; role: AgentRole }): OpenClaim | null {
  const claim = openClaim(draft, token);
  return claim?.job.kind === 'agent' && claim.job.role === role ? claim : null;
}

function wrongAgent(draft: Draft, token: ClaimToken): Decision {
  const claim = openClaim(draft, token);
  return claim ? reject('wrong-job', `the open claim is for ${jobKey(claim.job)}`) : staleClaim(draft, token);
}
