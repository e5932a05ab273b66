import type { Projection, Table } from '../projection';
import { flatRows } from '../rows/flat-rows';
import * as report from './report.projector';

const COLUMNS = { project: 'text', gate: 'text', oid: 'text', command: 'text', report: 'text' } as const;

export const REPORT: Table<report.KnownReport> = {
  ...flatRows<report.KnownReport>(COLUMNS),
  name: 'report',
  indexes: [],
  keysOf: report.keysOf,
  fold: report.fold,
};

/** Reports of commands by what they are about, so that what was found out about main's commit is not found out again. */
export const REPORTS: Projection = { name: 'reports', version: 1, tables: [REPORT] };
