import type { JsonObject } from '../../src/domain/json';
import type {
  CoveragePolicy,
  ImagePolicy,
  ProjectPolicy,
  ReportPolicy,
  SecurityPolicy,
} from '../../src/domain/policy/project-policy';
import type { PlainKind } from '../../src/domain/task/job';
import type { GateName } from '../../src/domain/task/pipeline';
import { POLICY } from './policies';
import { BASE } from './task-stories';

const REPORT: ReportPolicy = {
  run: { ...POLICY.staging, suite: 'scan', witness: { kind: 'file', path: 'report' } },
  exitCodes: [0],
};
export const SECURITY: SecurityPolicy = { ...REPORT, level: 'error', severity: 7, findings: 'new' };
export const COVERAGE: CoveragePolicy = {
  ...REPORT,
  format: 'auto',
  floor: 70,
  tolerance: 0.5,
  changedLines: 80,
  sources: [],
};

export const IMAGE: ImagePolicy = { ...REPORT, source: { kind: 'report', path: 'report' }, maxAgeMs: 3_600_000 };

/** A gate that judges by a report, as stories need it. */
export interface ReportGateCase {
  readonly gate: GateName;
  readonly job: PlainKind;
  readonly configured: Partial<ProjectPolicy>;
  /** What a job brings that speaks for the change, and what speaks against it. */
  readonly good: JsonObject;
  readonly bad: JsonObject;
}

const COMMON = { base: { oid: BASE, report: '2'.repeat(64) }, command: '3'.repeat(64), report: '1'.repeat(64) };
const OF_IMAGES = {
  asked: { from: 'report report', maxAgeMs: 3_600_000 },
  at: '2026-01-01T00:00:00.000Z',
  images: [{ created: null, digest: `sha256:${'1'.repeat(64)}`, name: null, revision: 'c'.repeat(40) }],
};
const AGAINST = { output: '4'.repeat(64), seen: ['error js/eval a.js:3: eval is evil'] };

const OF_REVERTS = { asked: { window: 500 }, base: BASE, explicit: [], scope: { commits: 12 } };

export const REPORT_GATES: readonly ReportGateCase[] = [
  {
    gate: 'check_security',
    job: 'security-scan',
    configured: { security: SECURITY },
    good: { ...COMMON, asked: { findings: 'new', level: 'error', severity: 7 }, failing: 0, known: 2, suppressed: 0 },
    bad: {
      ...COMMON,
      ...AGAINST,
      asked: { findings: 'new', level: 'error', severity: 7 },
      failing: 1,
      known: 2,
      suppressed: 0,
    },
  },
  {
    gate: 'check_coverage',
    job: 'coverage-run',
    configured: { coverage: COVERAGE },
    good: { ...COMMON, ...coverageOf(8, 4, 5) },
    bad: {
      ...COMMON,
      ...coverageOf(8, 3, 4),
      output: '4'.repeat(64),
      seen: ['changed lines: 75.0 % (3 of 4), at least 80.0 % asked', 'a.js: not covered: 3'],
    },
  },
  {
    gate: 'check_image_fresh',
    job: 'image-check',
    configured: { image: IMAGE },
    good: { ...COMMON, ...OF_IMAGES, base: null, failing: 0, old: 0, stale: 0 },
    bad: {
      ...COMMON,
      ...OF_IMAGES,
      ...AGAINST,
      base: null,
      failing: 1,
      images: [{ created: null, digest: `sha256:${'1'.repeat(64)}`, name: null, revision: BASE }],
      old: 0,
      stale: 1,
    },
  },
  {
    gate: 'check_no_silent_revert',
    job: 'revert-check',
    configured: { onSilentRevert: 'return' },
    good: { ...OF_REVERTS, silent: 0 },
    bad: {
      ...OF_REVERTS,
      output: '4'.repeat(64),
      pathCount: 1,
      paths: ['a.js'],
      says: 'silent revert of b1b1b1b1b1 "Fix" by Ann in a.js',
      seen: ['a.js: has the content again that it had before: b1b1b1b1b1 "Fix" by Ann'],
      silent: 1,
    },
  },
];

/** Of 10 lines, as on main, and so many of the lines that the change brings. */
function coverageOf(covered: number, ofChange: number, changed: number): JsonObject {
  return {
    asked: { changedLines: 80, floor: 70, format: 'auto', sources: [], tolerance: 0.5 },
    total: { covered, coverable: 10 },
    main: { covered: 8, coverable: 10 },
    changed: { covered: ofChange, coverable: changed },
    paths: ofChange < changed ? ['a.js'] : [],
    pathCount: ofChange < changed ? 1 : 0,
  };
}
