import type { Projects } from '../../application/projects';
import type { PositionText } from '../events/position';
import { parseState } from '../events/state-text';
import type { ReadModels, Snapshot } from '../read-models';
import { unknownProject } from '../unknown-project';
import type { QueueFlake } from './projectors/queue-flake.projector';
import { QUEUE, QUEUE_FLAKE } from './queue.projection';

export interface FlakesView {
  readonly position: PositionText;
  /** How many trees there are. */
  readonly count: number;
  /** The latest first, a hundred at most. */
  readonly items: readonly QueueFlake[];
}

export type FlakeBlock = Pick<FlakesView, 'count'> & { readonly newest: readonly QueueFlake[] };

const MOST = 100;
const NEWEST = 5;

interface Stored {
  readonly key: string;
  readonly project: string;
  readonly lastAt: string;
  readonly state: string;
}

export interface FlakesDeps {
  readonly models: ReadModels;
  readonly projects: Projects;
}

/**
 * @param project null for all.
 * @throws RequestRefused for one that neither this service nor the ledger knows.
 */
export function listFlakes({ models, projects }: FlakesDeps, project: string | null): Promise<FlakesView> {
  return models.read(QUEUE, async (snapshot) => {
    const { count, newest } = await readFlakes(snapshot, project, MOST);
    if (project !== null && count === 0 && projects.get(project) === null) throw unknownProject(projects, project);
    return { position: snapshot.position, count, items: newest };
  });
}

export async function readFlakes(snapshot: Snapshot, project: string | null, most = NEWEST): Promise<FlakeBlock> {
  let rows = snapshot.rows<Stored>(QUEUE_FLAKE.name);
  if (project !== null) rows = rows.where('project', '=', project);
  const { count } = await rows.select(({ fn }) => fn.countAll().as('count')).executeTakeFirstOrThrow();
  const newest = await rows.select(['state']).orderBy('lastAt', 'desc').orderBy('key').limit(most).execute();
  return { count: Number(count), newest: newest.map(({ state }) => parseState(state) as QueueFlake) };
}
