import { heartbeatDeadline, isWorthStoring } from '../outside';
import type { TaskCommandData } from '../task.commands';
import { openClaim, staleClaim } from './decide-claim';
import { accept, nothing, reject, type Decision } from './decision';
import type { Draft } from './draft';

/**
 * A heartbeat: the outside worker is still there. The claim of one that was lost stays lost, and none outlives its bound,
 * so that a worker that hangs and goes on sending them blocks nothing for ever.
 */
export function extendClaim(draft: Draft, { claim: token }: TaskCommandData['ExtendClaim']): Decision {
  const { at } = draft.context;
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  const { outside } = claim;
  if (!outside) return reject('wrong-job', `claim ${token} is of the service, which sends no heartbeats`);
  if (at >= outside.endsAt) {
    return reject(
      'claim-ended',
      `claim ${token} ended at ${outside.endsAt}, its bound; give it back or take the work anew`,
    );
  }
  const deadlineAt = heartbeatDeadline(at, outside.endsAt);
  if (!isWorthStoring(outside.heardAt, at) || deadlineAt === claim.deadlineAt) return nothing();
  draft.add({ type: 'ClaimExtended', data: { claim: token, deadlineAt } });
  return accept(draft.events);
}
