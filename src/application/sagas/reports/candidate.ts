import type { Oid } from '../../../domain/ids';
import type { MergeEvidence } from '../../../domain/task/task.state';
import type { GitWorkspace } from '../../ports/git-workspace';
import { together } from '../../together';
import type { SagaContext, SagaOutcome } from '../saga';
import { fetchSubject } from '../subject';

/** What is known of the candidate, and of the commit of main that it sits on. */
export interface Candidate {
  readonly newOid: Oid;
  readonly newTree: Oid;
  readonly baseOid: Oid;
  readonly baseTree: Oid;
}

/**
 * A candidate that sits on another commit than main's by now cannot land, and one that the service's own clone does not have
 * (another machine made it) cannot be looked at: the merge gate makes another one.
 */
export async function candidateFor(
  git: GitWorkspace,
  context: SagaContext,
): Promise<Candidate | { readonly outcome: SagaOutcome }> {
  const { task, project } = context;
  const heads = await fetchSubject(git, context);
  if ('stale' in heads) return { outcome: heads.stale };
  const { newOid, baseOid } = candidateOf(task.merge);
  if (heads.baseOid !== baseOid) return { outcome: lost(context, 'main-moved') };
  const [newTree, baseTree] = await together(
    git.treeOf(project.repository, newOid),
    git.treeOf(project.repository, baseOid),
  );
  if (newTree === null || baseTree === null) return { outcome: lost(context, 'interrupted') };
  return { newOid, newTree, baseOid, baseTree };
}

function candidateOf(merge: MergeEvidence | null): { readonly newOid: Oid; readonly baseOid: Oid } {
  if (!merge?.newOid) throw new Error('a report is asked of a task without a candidate');
  return { newOid: merge.newOid, baseOid: merge.baseOid };
}

function lost({ claim }: SagaContext, reason: 'main-moved' | 'interrupted'): SagaOutcome {
  return { type: 'ReportLandingLost', data: { claim: claim.token, reason, headOid: null } };
}
