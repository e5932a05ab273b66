import { readVerdict } from '../../domain/staging/front-matter';
import type { Oid } from '../../domain/ids';
import type { TaskCommandData } from '../../domain/task/task.commands';
import type { SaidOfUsage } from '../../domain/task/task.events';
import type { UsageRead } from '../../domain/usage/agent-usage';
import type { ArtifactStore } from '../ports/artifact-store';
import type { GitWorkspace } from '../ports/git-workspace';
import type { SagaContext } from './saga';
import { artifactFile } from './subject';

export interface AgentResultDeps {
  readonly git: GitWorkspace;
  readonly artifacts: ArtifactStore;
}

/** What counts of an agent's work, or what is wrong with it. */
export type AgentResult =
  | ({ readonly kind: 'found' } & Pick<TaskCommandData['ReportAgentDone'], 'headOid' | 'verdict'>)
  | { readonly kind: 'refused'; readonly reason: 'no-artifact' | 'malformed-artifact'; readonly detail: string };

/**
 * Reads what an agent of the service or an outside worker has left: the same for both, and as strictly.
 *
 * @param left.treeOid the tree that the verdict is about; null for a role that answers with commits.
 */
export async function agentResult(
  { git, artifacts }: AgentResultDeps,
  { task, claim, project }: Pick<SagaContext, 'task' | 'claim' | 'project'>,
  { treeOid, artifact: bytes }: { readonly treeOid: Oid | null; readonly artifact: Uint8Array | null },
): Promise<AgentResult> {
  if (treeOid === null) {
    // What was pushed is the branch's head now; whether that is work is for the decider to say.
    const headOid = (await git.heads(project.repository, [task.branch])).get(task.branch) ?? null;
    return { kind: 'found', headOid, verdict: null };
  }
  const name = artifactFile(claim.stage);
  if (!bytes) return { kind: 'refused', reason: 'no-artifact', detail: `the agent left no ${name}` };
  const about = { task: task.id, headOid: claim.headOid };
  const verdict = readVerdict(claim.stage, 'agent', bytes, about);
  if (verdict.kind === 'malformed') return { kind: 'refused', reason: 'malformed-artifact', detail: verdict.reason };
  const artifact = { name, digest: await artifacts.put(new TextDecoder().decode(bytes)) };
  return { kind: 'found', headOid: null, verdict: { status: verdict.status, artifact, treeOid } };
}

/** What is recorded of tokens and money. */
export function saidOf(read: UsageRead | null): SaidOfUsage {
  if (read === null) return {};
  return read.kind === 'usage' ? { usage: read.usage } : { usageNote: read.note };
}
