import { knownProject, unfit } from '../../application/refusals';
import { A_ROLE, isRole } from '../../application/outside/roles';
import type { Principal } from '../../domain/authority/principal';
import { instant } from '../../domain/instant';
import { jobOf } from '../../domain/task/job';
import { STAGE_TRANSITIONS, type AgentRole, type Stage } from '../../domain/task/pipeline';
import type { PositionText } from '../events/position';
import type { Snapshot } from '../read-models';
import { rankOf } from './queue-turn';
import type { QueueTask } from './projectors/queue-task.projector';
import { explainRows, readAround, type QueueDeps } from './queue-rows';
import { QUEUE, QUEUE_TASK, type QueueTaskCells } from './queue.projection';

export interface WorkAsk {
  readonly project?: string | null;
  readonly role?: string | null;
  /** Only of these; default: of all. */
  readonly within?: Principal['projects'];
}

/** Work that an outside worker may take. */
export interface OfferedWork {
  readonly task: string;
  readonly project: string;
  readonly title: string;
  readonly stage: Stage;
  readonly role: AgentRole;
  readonly priority: number;
  /** Since when the task is at its stage. */
  readonly since: string;
  /** Why nobody of the service does it, or what sent the task back. */
  readonly why: string;
  /** Where the branch is, as the service reaches it. */
  readonly repository: string;
  readonly branch: string;
  readonly headOid: string | null;
}

export interface WorkView {
  readonly position: PositionText;
  /** The most urgent first, then what has waited for longest. */
  readonly items: readonly OfferedWork[];
}

/** More tell nobody more: whoever takes one asks again. */
const MOST_WORK = 200;
/** At these stages somebody outside may do what the service does not. */
const RANKS = STAGE_TRANSITIONS.flatMap(({ stage, artifact, commits }) => (artifact || commits ? [rankOf(stage)] : []));

/** @throws RequestRefused for a project or a role that there is none of. */
export async function getWork(
  deps: QueueDeps,
  { project = null, role = null, within = '*' }: WorkAsk,
): Promise<WorkView> {
  const { projects, clock } = deps;
  if (project !== null) knownProject(projects, project);
  if (role !== null && !isRole(role)) throw unfit('invalid-role', 'role', A_ROLE, role);
  return deps.models.read(QUEUE, async (snapshot) => {
    const rows = await unclaimed(snapshot, project === null ? within : [project]);
    const whys = explainRows(await readAround(snapshot, rows, project), deps, instant(clock.now()));
    const items = rows.flatMap(({ task }): OfferedWork[] => {
      const why = whys.get(task.id);
      const job = why?.offer && jobOf(why.offer);
      const repository = projects.get(task.project)?.repository.path;
      if (!why || job?.kind !== 'agent' || repository === undefined || (role !== null && job.role !== role)) return [];
      const { id, title, stage, priority, stageSince: since, branch, headOid } = task;
      return [
        {
          task: id,
          project: task.project,
          title,
          stage,
          role: job.role,
          priority,
          since,
          why: why.text,
          repository,
          branch,
          headOid,
        },
      ];
    });
    return { position: snapshot.position, items: items.slice(0, MOST_WORK) };
  });
}

async function unclaimed(snapshot: Snapshot, projects: Principal['projects']): Promise<readonly QueueTask[]> {
  const open = snapshot
    .rows<QueueTaskCells>(QUEUE_TASK.name)
    .selectAll()
    .where('turn', 'is not', null)
    .where('claimUntil', 'is', null)
    .where('stageRank', 'in', RANKS);
  const mine = projects === '*' ? open : open.where('project', 'in', projects);
  const cells = await mine.orderBy('turn').execute();
  return cells.map((each) => QUEUE_TASK.decode({ ...each }));
}
