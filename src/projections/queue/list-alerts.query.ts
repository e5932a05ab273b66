import type { Projects } from '../../application/projects';
import { RequestRefused } from '../../application/refusals';
import { ALERT_STATES } from '../../domain/alerts/alert-state';
import { cursorOf, keyedInstantText, placeOfCursor, readKeyedInstant } from '../cursor';
import type { PositionText } from '../events/position';
import { limitOf, type PageAsk } from '../page';
import type { SeenModels, Snapshot } from '../read-models';
import { unknownProject } from '../unknown-project';
import type { QueueAlert } from './projectors/queue-alert.projector';
import { readUnsent, type UnsentBlock } from './list-deliveries.query';
import { QUEUE, QUEUE_ALERT } from './queue.projection';

export type AlertView = Omit<QueueAlert, 'openSince'>;

export interface AlertBlock {
  readonly open: number;
  readonly unacknowledged: number;
  /** On their way to sinks, and given up. */
  readonly deliveries: UnsentBlock;
  readonly newest: readonly Omit<AlertView, 'detail' | 'closedBy' | 'closedAt'>[];
}

const NEWEST = 20;

/** What is open. @param project null for all. */
export async function readAlerts(snapshot: Snapshot, project: string | null): Promise<AlertBlock> {
  let rows = snapshot.rows<QueueAlert & { key: string }>(QUEUE_ALERT.name).where('openSince', 'is not', null);
  if (project !== null) rows = rows.where('project', '=', project);
  const counts = await rows
    .select(['state', ({ fn }) => fn.countAll().as('count')])
    .groupBy('state')
    .execute();
  const newest = await rows
    .select([
      'taskId',
      'project',
      'alert',
      'severity',
      'title',
      'raisedAt',
      'state',
      'acknowledgedBy',
      'acknowledgedAt',
      'note',
    ])
    .orderBy('raisedAt', 'desc')
    .orderBy('key')
    .limit(NEWEST)
    .execute();
  const numberOf = (state: string) => Number(counts.find((each) => each.state === state)?.count ?? 0);
  const unacknowledged = numberOf('raised');
  const deliveries = await readUnsent(snapshot, project);
  return { open: unacknowledged + numberOf('acknowledged'), unacknowledged, deliveries, newest };
}

/** Which alerts are asked for, as it comes from outside. */
export interface AlertAsk extends PageAsk {
  /** `open`, `all`, or one of the states; default: open. */
  readonly state?: unknown;
  readonly project?: string | null;
}

export interface AlertsView {
  readonly position: PositionText;
  /** The latest first. */
  readonly items: readonly AlertView[];
  /** Where the list goes on; null at its end. */
  readonly nextCursor: string | null;
}

const CHOICES = ['open', 'all', ...ALERT_STATES] as const;
type Choice = (typeof CHOICES)[number];

/** @throws RequestRefused when something in it is not what it should be. */
export function listAlerts(
  { models, projects }: { readonly models: SeenModels; readonly projects: Projects },
  ask: AlertAsk,
): Promise<AlertsView> {
  const { project = null } = ask;
  const [state, limit] = [choiceOf(ask.state), limitOf(ask.limit)];
  const filter = ['alerts', state, project];
  const after = placeOfCursor(filter, ask.cursor, readKeyedInstant);
  return models.read(QUEUE, async (snapshot) => {
    let rows = snapshot.rows<QueueAlert & { key: string }>(QUEUE_ALERT.name);
    if (project !== null) rows = rows.where('project', '=', project);
    if (state === 'open') rows = rows.where('openSince', 'is not', null);
    else if (state !== 'all') rows = rows.where('state', '=', state);
    if (after)
      rows = rows.where((eb) =>
        eb.or([eb('raisedAt', '<', after.at), eb.and([eb('raisedAt', '=', after.at), eb('key', '>', after.key)])]),
      );
    const found = await rows
      .selectAll()
      .orderBy('raisedAt', 'desc')
      .orderBy('key')
      .limit(limit + 1)
      .execute();
    if (project !== null && found.length === 0 && projects.get(project) === null)
      throw unknownProject(projects, project);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const place = found.length > limit && last ? keyedInstantText({ at: last.raisedAt, key: last.key }) : null;
    const nextCursor = place === null ? null : cursorOf(filter, place);
    return { position: snapshot.position, items: shown.map(viewOf), nextCursor };
  });
}

type Row = QueueAlert & { readonly key: string };

/** Without what is there for finding it. */
function viewOf(row: Row): AlertView {
  const { taskId, project, alert, severity, title, detail, raisedAt, state } = row;
  const { acknowledgedBy, acknowledgedAt, closedBy, closedAt, note } = row;
  const answers = { acknowledgedBy, acknowledgedAt, closedBy, closedAt, note };
  return { taskId, project, alert, severity, title, detail, raisedAt, state, ...answers };
}

function choiceOf(state: unknown): Choice {
  if (state === undefined || state === null) return 'open';
  const found = CHOICES.find((known) => known === state);
  if (found) return found;
  const text = `state: expected one of ${CHOICES.join(', ')}, saw ${JSON.stringify(state)}`;
  throw new RequestRefused('invalid', 'unknown-state', text);
}
