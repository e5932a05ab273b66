import type { Oid } from '../../domain/ids';
import type { GitWorkspace } from '../ports/git-workspace';
import type { SagaContext, SagaOutcome } from './saga';

/**
 * Whether the candidate has lost a text that main has and has to keep. Looked at before any test is run, and also where none has
 * to be.
 *
 * @returns null where it has lost none.
 * @throws InfrastructureError when git cannot tell: what nobody has looked at does not pass.
 */
export async function lostMarkers(
  git: GitWorkspace,
  { project, claim }: SagaContext,
  { baseOid, newOid, treeOid }: { readonly baseOid: Oid; readonly newOid: Oid; readonly treeOid: Oid },
): Promise<SagaOutcome | null> {
  const { regressionMarkers: markers = [] } = project.policy;
  if (markers.length === 0) return null;
  const lost = await git.lostTexts(project.repository, { from: baseOid, to: newOid, markers });
  if (lost.length === 0) return null;
  return { type: 'ReportMarkersLost', data: { claim: claim.token, newOid, baseOid, treeOid, markers: lost } };
}
