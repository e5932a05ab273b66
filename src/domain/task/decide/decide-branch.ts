import { openClaim, staleClaim } from './decide-claim';
import { accept, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { comesAfter } from '../pipeline';
import { sendBack } from '../settle';
import type { TaskCommandData } from '../task.commands';

/**
 * Git cannot work with what is on the branch, and main has no part in it. That says as much about the change as a red suite
 * does, without a run: back to development, at the price of a developer retry. A person's hold comes first.
 */
export function branchRefused(draft: Draft, data: TaskCommandData['ReportBranchRefused']): Decision {
  const { claim: token, headOid, fault, detail } = data;
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  const { stage } = claim;
  if (!comesAfter(stage, 'development')) return reject('wrong-job', `at ${stage} nobody has tested the branch yet`);
  if (headOid !== claim.headOid)
    return reject('other-candidate', 'BranchRefused is about another commit than the one that was claimed');
  draft.add({ type: 'BranchRefused', data: { claim: token, job: claim.job, headOid, fault, detail } });
  if (!draft.task.hold) sendBack(draft, stage, fault);
  return accept(draft.events);
}
