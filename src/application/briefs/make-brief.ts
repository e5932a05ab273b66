import type { Brief, BriefFile } from '../../domain/brief/brief';
import { renderBrief } from '../../domain/brief/render-brief';
import { reportsFor, type Report } from '../../domain/brief/reports';
import type { AgentRole, WorkStage } from '../../domain/task/pipeline';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { ArtifactStore } from '../ports/artifact-store';
import type { FetchedHeads } from '../ports/git-workspace';
import type { Project } from '../projects';

export interface BriefRequest {
  readonly task: SubmittedTask;
  readonly project: Project;
  readonly role: AgentRole;
  readonly stage: WorkStage;
  readonly runId: string;
  readonly heads: Pick<FetchedHeads, 'headOid' | 'baseOid'>;
}

/** The brief for one run of a role. Rejects as the store does when what is kept cannot be read; what is not kept is named. */
export async function makeBrief(artifacts: ArtifactStore, request: BriefRequest): Promise<Brief> {
  const { task, project, role, stage, runId, heads } = request;
  const { policy } = project;
  const { headOid, baseOid } = heads;
  return renderBrief({
    ...{ task, role, stage, runId, headOid, baseOid },
    repository: policy.repo.split('/').filter(Boolean).at(-1) ?? '',
    main: policy.main,
    template: policy.agents[role]?.brief ?? null,
    reports: await readReports(artifacts, reportsFor(task, stage)),
  });
}

async function readReports(artifacts: ArtifactStore, wanted: readonly Report[]): Promise<readonly BriefFile[]> {
  const files: BriefFile[] = [];
  for (const { name, digest } of wanted) {
    const bytes = await artifacts.get(digest);
    if (bytes) files.push({ name, text: new TextDecoder().decode(bytes) });
  }
  return files;
}
