import { answerRequests, moveHead, openClaim, staleClaim } from './decide-claim';
import { accept, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { budgetState } from './budgets';
import { hold, settle } from './settle';
import type { TaskCommandData } from './task.commands';
import type { BudgetKey, ClaimToken, LandingIntent } from './task.events';

export const LANDING_BUDGET: BudgetKey = { budget: 'landing', key: 'task' };

/** main has the change, by git's own record. Nothing rolls back from here on. */
export function landed(draft: Draft, { claim: token, recovered }: TaskCommandData['ReportLanded']): Decision {
  const intent = landingOf(draft, token);
  if (!intent) return notLanding(draft, token);
  const { newOid, baseOid, treeOid } = intent;
  draft.add({ type: 'TaskLanded', data: { claim: token, newOid, baseOid, treeOid, recovered } });
  answerRequests(draft, 'landed');
  settle(draft);
  return accept(draft.events);
}

/** main does not have it. Back to the merge gate; only a main that moved costs a landing attempt. */
export function landingLost(draft: Draft, data: TaskCommandData['ReportLandingLost']): Decision {
  const { claim: token, reason, headOid } = data;
  if (!landingOf(draft, token)) return notLanding(draft, token);
  const attempts = budgetState(draft.task, draft.context.policy, LANDING_BUDGET);
  const spends = reason === 'main-moved' && attempts.left ? LANDING_BUDGET : null;
  draft.add({ type: 'LandingLost', data: { claim: token, reason, spends } });
  answerRequests(draft, 'not-landed');
  if (headOid && headOid !== draft.task.headOid) moveHead(draft, headOid);
  else if (reason === 'main-moved' && !attempts.left && !draft.task.hold) {
    hold(draft, 'landing-attempts-exhausted', `main moved during ${attempts.spent + 1} landings`, LANDING_BUDGET);
  }
  return accept(draft.events);
}

function landingOf(draft: Draft, token: ClaimToken): LandingIntent | null {
  const claim = openClaim(draft, token);
  if (claim?.job.kind === 'landing') return claim.landing;
  return claim?.job.kind === 'landing-recovery' ? (draft.task.interruptedLanding?.intent ?? null) : null;
}

function notLanding(draft: Draft, token: ClaimToken): Decision {
  const claim = openClaim(draft, token);
  return claim ? reject('wrong-job', `the open claim is for ${claim.job.kind}`) : staleClaim(draft, token);
}
