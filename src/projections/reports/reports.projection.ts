import type { Projection, Table } from '../projection';
import { flatRows } from '../rows/flat-rows';
import * as report from './report.projector';
import * as suiteTests from './suite-tests.projector';

const COLUMNS = { project: 'text', gate: 'text', oid: 'text', command: 'text', report: 'text' } as const;

export const REPORT: Table<report.KnownReport> = {
  ...flatRows<report.KnownReport>(COLUMNS),
  name: 'report',
  whose: 'column',
  indexes: [],
  keysOf: report.keysOf,
  fold: report.fold,
};

const TESTS_COLUMNS = {
  project: 'text',
  kind: 'text',
  suite: 'text',
  runId: 'text',
  tests: 'text',
  landedAt: 'text',
} as const;

export const SUITE_TESTS: Table<suiteTests.SuiteTests> = {
  ...flatRows<suiteTests.SuiteTests>(TESTS_COLUMNS),
  name: 'suite_tests',
  whose: 'column',
  indexes: [['project', 'suite', 'landedAt']],
  keysOf: suiteTests.keysOf,
  fold: suiteTests.fold,
};

/** Reports of commands by what they are about, so that what was found out about main's commit is not found out again. */
export const REPORTS: Projection = { name: 'reports', version: 3, tables: [REPORT, SUITE_TESTS] };
