import type { Snapshot } from '../read-models';
import type { QueueAlert } from './projectors/queue-alert.projector';
import { QUEUE_ALERT } from './queue.projection';

export type AlertView = Omit<QueueAlert, 'openSince'>;

export interface AlertBlock {
  readonly open: number;
  readonly unacknowledged: number;
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
  return { open: unacknowledged + numberOf('acknowledged'), unacknowledged, newest };
}
