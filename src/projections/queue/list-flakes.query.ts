import type { Projects } from '../../application/projects';
import { cursorOf, keyedInstantText, placeOfCursor, readKeyedInstant, type KeyedInstant } from '../cursor';
import type { PositionText } from '../events/position';
import { parseState } from '../events/state-text';
import { limitOf, type PageAsk } from '../page';
import type { SeenModels, Snapshot } from '../read-models';
import { unknownProject } from '../unknown-project';
import type { QueueFlake } from './projectors/queue-flake.projector';
import { QUEUE, QUEUE_FLAKE } from './queue.projection';

export interface FlakesView {
  readonly position: PositionText;
  /** How many trees there are. */
  readonly count: number;
  /** The latest first. */
  readonly items: readonly QueueFlake[];
  /** Where the list goes on; null at its end. */
  readonly nextCursor: string | null;
}

/** As it comes from outside. */
export interface FlakesAsk extends PageAsk {
  /** null for all. */
  readonly project?: string | null;
}

export type FlakeBlock = Pick<FlakesView, 'count'> & { readonly newest: readonly QueueFlake[] };

const NEWEST = 5;

interface Stored {
  readonly key: string;
  readonly project: string;
  readonly lastAt: string;
  readonly state: string;
}

export interface FlakesDeps {
  readonly models: SeenModels;
  readonly projects: Projects;
}

/** @throws RequestRefused for a project that neither this service nor the ledger knows, and for no page of it. */
export function listFlakes({ models, projects }: FlakesDeps, ask: FlakesAsk): Promise<FlakesView> {
  const { project = null } = ask;
  const limit = limitOf(ask.limit);
  const filter = ['flakes', project];
  const after = placeOfCursor(filter, ask.cursor, readKeyedInstant);
  return models.read(QUEUE, async (snapshot) => {
    const count = await countFlakes(snapshot, project);
    if (project !== null && count === 0 && projects.get(project) === null) throw unknownProject(projects, project);
    const found = await latestRows(snapshot, project, { after, most: limit + 1 });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const place = found.length > limit && last ? keyedInstantText({ at: last.lastAt, key: last.key }) : null;
    const nextCursor = place === null ? null : cursorOf(filter, place);
    return { position: snapshot.position, count, items: shown.map(flakeOf), nextCursor };
  });
}

export async function readFlakes(snapshot: Snapshot, project: string | null): Promise<FlakeBlock> {
  const newest = await latestRows(snapshot, project, { after: null, most: NEWEST });
  return { count: await countFlakes(snapshot, project), newest: newest.map(flakeOf) };
}

async function countFlakes(snapshot: Snapshot, project: string | null): Promise<number> {
  const { count } = await rowsOf(snapshot, project)
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

function latestRows(
  snapshot: Snapshot,
  project: string | null,
  { after, most }: { readonly after: KeyedInstant | null; readonly most: number },
): Promise<readonly Stored[]> {
  const rows = rowsOf(snapshot, project);
  const behind = after
    ? rows.where((eb) =>
        eb.or([eb('lastAt', '<', after.at), eb.and([eb('lastAt', '=', after.at), eb('key', '>', after.key)])]),
      )
    : rows;
  return behind.selectAll().orderBy('lastAt', 'desc').orderBy('key').limit(most).execute();
}

function rowsOf(snapshot: Snapshot, project: string | null) {
  const rows = snapshot.rows<Stored>(QUEUE_FLAKE.name);
  return project === null ? rows : rows.where('project', '=', project);
}

function flakeOf({ state }: Stored): QueueFlake {
  return parseState(state) as QueueFlake;
}
