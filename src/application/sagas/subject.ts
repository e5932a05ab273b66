import type { Oid } from '../../domain/ids';
import type { SuitePolicy } from '../../domain/policy/project-policy';
import type { SuiteVerdict } from '../../domain/task/job-row';
import { rowOf, type WorkStage } from '../../domain/task/pipeline';
import type { OutcomeCommand } from '../../domain/task/task.commands';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { FetchedHeads, GitWorkspace } from '../ports/git-workspace';
import type { SagaContext } from './saga';

/** Fetches the branch, and says so if it is no longer at the head this job was claimed for. */
export async function fetchSubject(
  git: GitWorkspace,
  { task, claim, project }: SagaContext,
): Promise<{ readonly stale: OutcomeCommand } | FetchedHeads> {
  const heads = await git.fetch(project.repository, task.id, task.branch);
  if (heads.headOid === claim.headOid) return heads;
  return { stale: { type: 'ReportStale', data: { claim: claim.token, headOid: heads.headOid } } };
}

export function headOf(task: SubmittedTask): Oid {
  if (task.headOid === null) throw new Error(`${task.id} has no head at ${task.stage}`);
  return task.headOid;
}

/** The suite that a job runs. Its claim was made under the same policy, which had one. */
export function suiteOf({ claim, project }: SagaContext, { suite }: SuiteVerdict): SuitePolicy {
  const found = suite(project.policy);
  if (!found) throw new Error(`${project.policy.project} has no suite for ${claim.job.kind}`);
  return found;
}

export function artifactFile(stage: WorkStage): string {
  const { artifact } = rowOf(stage);
  if (!artifact) throw new Error(`stage ${stage} has no artifact`);
  return artifact.file;
}
