import type { PositionText } from '../position';
import type { ReadModels } from '../read-models';
import type { AlertRow } from './alert.projector';
import { ALERT, ALERTS } from './alerts.projection';

export interface AlertsFilter {
  readonly project?: string;
  /** Only those that nobody has acknowledged. */
  readonly open?: boolean;
  /** Default and maximum: `ALERTS_LISTED`. */
  readonly limit?: number;
}

export interface AlertsView {
  readonly position: PositionText;
  /** Latest first. */
  readonly items: readonly AlertRow[];
}

export const ALERTS_LISTED = 500;

export async function listAlerts(models: ReadModels, { project, open, limit }: AlertsFilter = {}): Promise<AlertsView> {
  return models.read(ALERTS, async ({ rows, position }) => {
    let alerts = rows<AlertRow & { key: string }>(ALERT.name).selectAll();
    if (project !== undefined) alerts = alerts.where('project', '=', project);
    if (open === true) alerts = alerts.where('acknowledgedAt', 'is', null);
    const listed = await alerts
      .orderBy('raisedAt', 'desc')
      .orderBy('key')
      .limit(Math.max(1, Math.min(limit ?? ALERTS_LISTED, ALERTS_LISTED)))
      .execute();
    return { position, items: listed.map((cells) => ALERT.decode({ ...cells })) };
  });
}
