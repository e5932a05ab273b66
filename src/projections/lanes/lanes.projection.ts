import { flatRows } from '../flat-rows';
import type { Projection, Table } from '../projection';
import { fold, keysOf, type LaneRow } from './lane.projector';

export const LANE: Table<LaneRow> = {
  name: 'lane',
  ...flatRows<LaneRow>({
    project: 'text',
    holder: 'text',
    headOid: 'text',
    epoch: 'text',
    since: 'text',
    grants: 'integer',
    released: 'integer',
    reaped: 'integer',
    lastHolder: 'text',
    lastReason: 'text',
    lastEndedAt: 'text',
  }),
  indexes: [],
  keysOf,
  fold,
};

export const LANES: Projection = { name: 'lanes', version: 1, tables: [LANE] };
