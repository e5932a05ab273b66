import { plusMs } from '../instant';
import { backoffMs } from '../policy/project-policy';
import { budgetState } from './budgets';
import { moveHead, openClaim, staleClaim } from './decide-claim';
import { accept, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { rowOf, type PipelineStage, type StageRow } from './pipeline';
import { hold, settle } from './settle';
import type { TaskCommandData } from './task.commands';
import type { BudgetKey, ClaimToken } from './task.events';
import type { OpenClaim } from './task.state';

/** An agent ended with something that counts: a verdict, or (the developer) a new commit on the branch. */
export function agentDone(draft: Draft, data: TaskCommandData['ReportAgentDone']): Decision {
  const claim = agentClaim(draft, data.claim);
  if (claim === null) return wrongAgent(draft, data.claim);
  const { role, run, cost, headOid, verdict } = data;
  draft.add({ type: 'AgentJobFinished', data: { claim: data.claim, role, run, headOid, cost } });
  if (verdict) {
    const { artifact } = rowOf(claim.stage as StageRow['stage']);
    draft.add({
      type: 'VerdictRecorded',
      data: {
        stage: claim.stage,
        status: verdict.status,
        passed: verdict.status === artifact?.passes,
        cause: null,
        runId: claim.runId,
        claim: data.claim,
        subjectOid: claim.headOid,
        treeOid: verdict.treeOid,
        baseOid: null,
        suiteDigest: null,
        environmentDigest: null,
        artifact: verdict.artifact,
        producer: role,
        source: 'agent',
      },
    });
  }
  if (headOid && headOid !== draft.task.headOid) moveHead(draft, headOid);
  settle(draft);
  return accept(draft.events);
}

/** An agent that ended without a valid result: retried within the stage's agent budget, never a pass. */
export function agentError(draft: Draft, data: TaskCommandData['ReportAgentError']): Decision {
  const claim = agentClaim(draft, data.claim);
  if (claim === null) return wrongAgent(draft, data.claim);
  const { at, policy, random } = draft.context;
  const key = agentBudget(claim.stage);
  const { spent, limit, left } = budgetState(draft.task, policy, key);
  const retryAt = plusMs(at, backoffMs(policy.backoff, spent, random));
  draft.add({ type: 'AgentJobErrored', data: { ...data, spends: left ? key : null, retryAt } });
  if (!left) {
    hold(
      draft,
      'agent-retries-exhausted',
      `${data.role} ended without a result ${limit + 1} times: ${data.detail}`,
      key,
    );
  }
  return accept(draft.events);
}

export function agentBudget(stage: PipelineStage): BudgetKey {
  return { budget: 'agent', key: stage };
}

function agentClaim(draft: Draft, token: ClaimToken): OpenClaim | null {
  const claim = openClaim(draft, token);
  return claim?.job.kind === 'agent' ? claim : null;
}

function wrongAgent(draft: Draft, token: ClaimToken): Decision {
  const claim = openClaim(draft, token);
  return claim ? reject('wrong-job', `the open claim is for ${claim.job.kind}`) : staleClaim(draft, token);
}
