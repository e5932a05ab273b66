import { flatRows } from '../flat-rows';
import type { Projection, Table } from '../projection';
import { fold, keysOf, type AlertRow } from './alert.projector';

export const ALERT: Table<AlertRow> = {
  name: 'alert',
  ...flatRows<AlertRow>({
    taskId: 'text',
    project: 'text',
    alert: 'text',
    severity: 'text',
    title: 'text',
    detail: 'text',
    raisedAt: 'text',
    acknowledgedAt: 'text',
    acknowledgedBy: 'text',
  }),
  indexes: [['raisedAt']],
  keysOf,
  fold,
};

export const ALERTS: Projection = { name: 'alerts', version: 1, tables: [ALERT] };
