import { comesAfter } from '../../domain/task/pipeline';
import type { OutcomeCommand } from '../../domain/task/task.commands';
import { BranchUnusable } from '../ports/git-workspace';
import type { SagaContext } from './saga';

/** As much as an event keeps of what git and the file names of a branch say. */
const DETAIL_CHARS = 500;

/**
 * The outcome of a job that found out that the branch itself is what is wrong.
 *
 * @returns null for every other error, and before development is over: there is nothing to send back to it then.
 */
export function refusedBranch({ claim }: SagaContext, error: unknown): OutcomeCommand | null {
  if (!(error instanceof BranchUnusable) || !comesAfter(claim.stage, 'development')) return null;
  const { fault, headOid, message } = error;
  if (headOid !== claim.headOid) return { type: 'ReportStale', data: { claim: claim.token, headOid } };
  return {
    type: 'ReportBranchRefused',
    data: { claim: claim.token, headOid, fault, detail: message.slice(0, DETAIL_CHARS) },
  };
}
