import type { TestCounts } from './test-counts';

/** What has been seen of TAP so far. Points of a plan that is never told, and without a version, are no TAP. */
export interface TapTally {
  readonly isTap: boolean;
  /** Test points that have no points of their own. */
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Points that are missing of plans, and what bailed out. */
  readonly missing: number;
  /** Depth of the last point, in characters: a point that follows a deeper one sums that up. */
  readonly depth: number;
  /** Whether a point below the one that is to follow has failed. */
  readonly failedBelow: boolean;
  readonly planned: number | null;
  readonly topPoints: number;
}

export const TAP_RULE = 'tap-points@2';

export const NO_TAP: TapTally = {
  isTap: false,
  passed: 0,
  failed: 0,
  skipped: 0,
  missing: 0,
  depth: 0,
  failedBelow: false,
  planned: null,
  topPoints: 0,
};

const VERSION = /^TAP version 1[34]$/;
const PLAN = /^(?:1\.\.(\d{1,7}))(?: # ?[Ss][Kk][Ii][Pp]\b.{0,400})?$/;
/** `ok` with two spaces and a tab is a package of go. */
const POINT = /^( {0,64})(not )?ok\b(?! {2}\t)(?: (\d{1,7}))?(?: .{0,1900})?$/;
const DIRECTIVE = /(?:^|[^\\])# ?(skip|todo)\b/i;
const BAIL_OUT = /^Bail out!/;

/** Test Anything Protocol, versions 12 to 14, in any output. Source: https://testanything.org/tap-version-14-specification.html */
export function takeTapLine(tally: TapTally, line: string): TapTally {
  if (VERSION.test(line)) return { ...withPlanEnded(tally), isTap: true };
  const plan = PLAN.exec(line);
  if (plan) return planned(tally, Number(plan[1]));
  if (tally.isTap && BAIL_OUT.test(line)) return { ...tally, missing: tally.missing + 1 };
  const point = POINT.exec(line);
  return point ? withPoint(tally, line, { depth: (point[1] ?? '').length, isOk: point[2] === undefined }) : tally;
}

/** Null where nothing was TAP. */
export function tapCounts(given: TapTally): TestCounts | null {
  const tally = withPlanEnded(given);
  if (!tally.isTap) return null;
  const { passed, skipped } = tally;
  const failed = tally.failed + tally.missing;
  return { executed: passed + failed, passed, failed, skipped };
}

/** A plan comes before its points or behind them; a second one is that of another run. */
function planned(given: TapTally, count: number): TapTally {
  const tally = given.planned === null ? given : withPlanEnded(given);
  const isBehind = tally.topPoints > 0;
  // `1..5` alone may be anything; with points, or for none of them, it is a plan.
  const told = { ...tally, isTap: tally.isTap || isBehind || count === 0, planned: count };
  return isBehind ? withPlanEnded(told) : told;
}

function withPlanEnded(tally: TapTally): TapTally {
  const { planned: count, topPoints, missing } = tally;
  if (count === null) return tally;
  if (!tally.isTap) return { ...tally, planned: null };
  return { ...tally, missing: missing + Math.max(0, count - topPoints), planned: null, topPoints: 0, depth: 0 };
}

function withPoint(tally: TapTally, line: string, { depth, isOk }: { depth: number; isOk: boolean }): TapTally {
  const isSum = tally.depth > depth;
  const isTap = tally.isTap || tally.planned !== null;
  const seen = { ...tally, isTap, depth, topPoints: tally.topPoints + (depth === 0 ? 1 : 0) };
  const isExcused = DIRECTIVE.test(line);
  if (isSum) {
    const failsItself = !isOk && !isExcused && !tally.failedBelow;
    return {
      ...seen,
      failed: seen.failed + (failsItself ? 1 : 0),
      failedBelow: depth > 0 && (tally.failedBelow || failsItself),
    };
  }
  if (isExcused) return { ...seen, skipped: seen.skipped + 1 };
  if (isOk) return { ...seen, passed: seen.passed + 1 };
  return { ...seen, failed: seen.failed + 1, failedBelow: depth > 0 };
}
