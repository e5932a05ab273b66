import { openClaim, staleClaim } from './decide-claim';
import { accept, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { budgetState } from '../budgets/budgets';
import { holdIfEndless } from '../budgets/hold-endless';
import { moveToReported } from './heads';
import { JOBS } from '../job-table';
import { isFinal } from '../pipeline';
import { answerRequests } from './requests';
import { hold, settle } from '../settle';
import type { TaskCommandData } from '../task.commands';
import type { BudgetKey, ClaimToken, LandingIntent } from '../task.events';

export const LANDING_BUDGET: BudgetKey = { budget: 'landing', key: 'task' };
/**
 * Losses that would go on for ever if they were free: somebody is always faster, every landing breaks on the way, or the
 * repository knows a newer lease than this log (which was restored from a backup).
 */
const COSTLY: readonly TaskCommandData['ReportLandingLost']['reason'][] = ['main-moved', 'interrupted', 'epoch-lost'];

/** main has the change, by git's own record. Nothing is sent back from here on. */
export function landed(draft: Draft, { claim: token, recovered, followed }: TaskCommandData['ReportLanded']): Decision {
  const intent = landingOf(draft, token);
  if (!intent) return notLanding(draft, token);
  const { newOid, baseOid, treeOid } = intent;
  const asked = draft.task.requests;
  const files = followed && { followed };
  draft.add({ type: 'TaskLanded', data: { claim: token, newOid, baseOid, treeOid, recovered, ...files } });
  answerRequests(draft, asked);
  settle(draft);
  return accept(draft.events);
}

/**
 * main does not have it, and the candidate cannot become it any more, which a job that looks at it may be the first to see. Back
 * to the merge gate, with another attempt at most as often as the budget says.
 */
export function landingLost(draft: Draft, data: TaskCommandData['ReportLandingLost']): Decision {
  const { claim: token, reason, headOid } = data;
  const claim = openClaim(draft, token);
  if (!claim || !(landingOf(draft, token) || JOBS[claim.job.kind].report)) return notLanding(draft, token);
  const asked = draft.task.requests;
  const { left, spent, limit } = budgetState(draft.task, draft.context.policy, LANDING_BUDGET);
  const isCostly = COSTLY.includes(reason);
  draft.add({ type: 'LandingLost', data: { claim: token, reason, spends: isCostly && left ? LANDING_BUDGET : null } });
  answerRequests(draft, asked);
  if (isFinal(draft.task.stage)) return accept(draft.events);
  if (headOid) moveToReported(draft, claim, headOid);
  if (isCostly && !left) {
    const detail = `${spent + 1} landings were lost (limit ${limit} retries), the last one by ${reason}`;
    hold(draft, 'landing-attempts-exhausted', detail, { budget: LANDING_BUDGET });
  }
  if (!isCostly) holdIfEndless(draft, 'landing-lost', { kind: 'landing' }, reason);
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
