import type { Projects } from '../../application/projects';
import { RequestRefused } from '../../application/refusals';
import { quoted } from '../../application/secrets';
import type { Subscribers } from '../../application/subscribers/subscribers';
import { cursorOf, keyedInstantText, placeOfCursor, readKeyedInstant } from '../cursor';
import type { PositionText } from '../events/position';
import type { SeenModels, Snapshot } from '../read-models';
import { unknownProject } from '../unknown-project';
import {
  DELIVERY_OUTCOMES,
  sinkOf,
  type DeliveryOutcome,
  type QueueDelivery,
} from './projectors/queue-delivery.projector';
import { limitOf, type PageAsk } from '../page';
import { QUEUE, QUEUE_DELIVERY } from './queue.projection';

/** As it comes from outside. */
export interface DeliveriesAsk extends PageAsk {
  readonly sink?: string | null;
  readonly alert?: string | null;
  readonly project?: string | null;
  readonly outcome?: string | null;
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

interface DeliveriesDeps {
  readonly models: SeenModels;
  readonly projects: Projects;
  readonly subscribers?: Pick<Subscribers, 'names'>;
}

/** @throws RequestRefused when something in it is not what it should be. */
export function listDeliveries(deps: DeliveriesDeps, ask: DeliveriesAsk): Promise<DeliveriesView> {
  const { models } = deps;
  const { sink = null, alert = null, project = null } = ask;
  const [outcome, limit] = [outcomeOf(ask.outcome), limitOf(ask.limit)];
  const filter = ['deliveries', sink, alert, project, outcome];
  const after = placeOfCursor(filter, ask.cursor, readKeyedInstant);
  return models.read(QUEUE, async (snapshot) => {
    let rows = snapshot.rows<Row>(QUEUE_DELIVERY.name).selectAll();
    for (const [column, value] of Object.entries({ sink, alert, project, outcome }))
      if (value !== null) rows = rows.where(column as 'sink', '=', value);
    if (after)
      rows = rows.where((eb) =>
        eb.or([eb('firstAt', '<', after.at), eb.and([eb('firstAt', '=', after.at), eb('key', '>', after.key)])]),
      );
    const found = await rows
      .orderBy('firstAt', 'desc')
      .orderBy('key')
      .limit(limit + 1)
      .execute();
    if (found.length === 0 && after === null) await refuseUnknown(snapshot, { sink, alert, project }, deps);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const place = found.length > limit && last ? keyedInstantText({ at: last.firstAt, key: last.key }) : null;
    const nextCursor = place === null ? null : cursorOf(filter, place);
    return { position: snapshot.position, items: shown.map(viewOf), nextCursor };
  });
}

/** Nothing was found: because there is nothing, or because there never was what is asked about? */
async function refuseUnknown(
  { rows }: Snapshot,
  { sink, alert, project }: Readonly<Record<'sink' | 'alert' | 'project', string | null>>,
  { projects, subscribers: { names } = { names: [] } }: DeliveriesDeps,
): Promise<void> {
  if (project !== null && projects.get(project) === null) throw unknownProject(projects, project);
  const isUnknown = async (column: 'sink' | 'alert', value: string) => {
    const row = await rows<Row>(QUEUE_DELIVERY.name)
      .select('key')
      .where(column, '=', value)
      .limit(1)
      .executeTakeFirst();
    return row === undefined;
  };
  if (sink !== null && !names.some((name) => sinkOf(name) === sink) && (await isUnknown('sink', sink)))
    throw new RequestRefused(
      'unknown',
      'unknown-sink',
      `sink: expected one that is configured, or was, saw ${quoted(sink)}`,
    );
  if (alert !== null && (await isUnknown('alert', alert)))
    throw new RequestRefused(
      'unknown',
      'unknown-alert',
      `alert: expected one that a sink was told of, saw ${quoted(alert)}`,
    );
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
function outcomeOf(outcome: string | null | undefined): DeliveryOutcome | null {
  if (outcome === undefined || outcome === null) return null;
  const found = DELIVERY_OUTCOMES.find((known) => known === outcome);
  if (found) return found;
  const text = `outcome: expected one of ${DELIVERY_OUTCOMES.join(', ')}, saw ${quoted(outcome)}`;
  throw new RequestRefused('invalid', 'unknown-outcome', text);
}
