import type { Projects } from '../../application/projects';
import { RequestRefused } from '../../application/refusals';
import { quoted } from '../../application/secrets';
import { cursorOf, placeOfCursor } from '../cursor';
import type { PositionText } from '../events/position';
import type { ReadModels, Snapshot } from '../read-models';
import { unknownProject } from '../unknown-project';
import { DELIVERY_OUTCOMES, type DeliveryOutcome, type QueueDelivery } from './projectors/queue-delivery.projector';
import { limitOf } from '../page';
import { QUEUE, QUEUE_DELIVERY } from './queue.projection';

/** As it comes from outside. */
export interface DeliveriesAsk {
  readonly sink?: string | null;
  readonly alert?: string | null;
  readonly project?: string | null;
  readonly outcome?: string | null;
  readonly limit?: string | null;
  readonly cursor?: string | null;
}

export type DeliveryView = Omit<QueueDelivery, 'unsent' | 'stream' | 'revision' | 'subscriber'>;

export interface DeliveriesView {
  readonly position: PositionText;
  /** Those that were tried first last are first. */
  readonly items: readonly DeliveryView[];
  readonly nextCursor: string | null;
}

/** Alerts that are not with their sinks: some are still tried, of others a person has to ask for more. */
export interface UnsentBlock {
  readonly retrying: number;
  readonly dead: number;
}

type Row = QueueDelivery & { readonly key: string };

/** @throws RequestRefused when something in it is not what it should be. */
export function listDeliveries(
  { models, projects }: { readonly models: ReadModels; readonly projects: Projects },
  ask: DeliveriesAsk,
): Promise<DeliveriesView> {
  const { sink = null, alert = null, project = null, cursor = null } = ask;
  const [outcome, limit] = [outcomeOf(ask.outcome), limitOf(ask.limit)];
  const filter = ['deliveries', sink, alert, project, outcome];
  const [firstAt, key] = cursor === null ? [] : placesIn(placeOfCursor(filter, cursor));
  return models.read(QUEUE, async (snapshot) => {
    let rows = snapshot.rows<Row>(QUEUE_DELIVERY.name).selectAll();
    for (const [column, value] of Object.entries({ sink, alert, project, outcome }))
      if (value !== null) rows = rows.where(column as 'sink', '=', value);
    if (firstAt !== undefined && key !== undefined)
      rows = rows.where((eb) =>
        eb.or([eb('firstAt', '<', firstAt), eb.and([eb('firstAt', '=', firstAt), eb('key', '>', key)])]),
      );
    const found = await rows
      .orderBy('firstAt', 'desc')
      .orderBy('key')
      .limit(limit + 1)
      .execute();
    if (project !== null && found.length === 0 && projects.get(project) === null)
      throw unknownProject(projects, project);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const nextCursor = found.length > limit && last ? cursorOf(filter, `${last.firstAt} ${last.key}`) : null;
    return { position: snapshot.position, items: shown.map(viewOf), nextCursor };
  });
}

export async function readUnsent(snapshot: Snapshot, project: string | null): Promise<UnsentBlock> {
  let rows = snapshot.rows<Row>(QUEUE_DELIVERY.name).where('unsent', 'is not', null);
  if (project !== null) rows = rows.where('project', '=', project);
  const counts = await rows
    .select(['unsent', ({ fn }) => fn.countAll().as('count')])
    .groupBy('unsent')
    .execute();
  const numberOf = (unsent: string) => Number(counts.find((each) => each.unsent === unsent)?.count ?? 0);
  return { retrying: numberOf('retrying'), dead: numberOf('dead') };
}

function viewOf({ sink, alert, taskId, project, outcome, tries, firstAt, lastAt, nextAt, answer }: Row): DeliveryView {
  return { sink, alert, taskId, project, outcome, tries, firstAt, lastAt, nextAt, answer };
}

/** An instant and a row's key. */
function placesIn(place: string): readonly [string, string] {
  const space = place.indexOf(' ');
  return [place.slice(0, space), place.slice(space + 1)];
}

function outcomeOf(outcome: string | null | undefined): DeliveryOutcome | null {
  if (outcome === undefined || outcome === null) return null;
  const found = DELIVERY_OUTCOMES.find((known) => known === outcome);
  if (found) return found;
  const text = `outcome: expected one of ${DELIVERY_OUTCOMES.join(', ')}, saw ${quoted(outcome)}`;
  throw new RequestRefused('invalid', 'unknown-outcome', text);
}
