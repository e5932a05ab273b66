import type { StoredEvent } from '../../src/application/ports/event-store';
import type { CoveragePolicy } from '../../src/domain/policy/project-policy';
import { checkAnswers } from './answer-invariants';
import type { Violation } from './violation';

/** By the digest of a policy. */
export type AskedOfCoverage = ReadonlyMap<string, CoveragePolicy>;

interface Figure {
  readonly covered: number;
  readonly coverable: number;
}

/**
 * I45: where coverage is asked for, check_coverage passes for a candidate whose recorded figures satisfy the rule and fails for one whose
 * figures do not, and nothing lands without its answer about that very candidate. The rule is reckoned here once more.
 */
export function checkCoverage(events: readonly StoredEvent[], asked: AskedOfCoverage): Violation[] {
  return checkAnswers(events, {
    invariant: 'I45',
    gate: 'check_coverage',
    asked,
    isJudged: ({ result }) => result === 'pass' || result === 'fail',
    wrongWith: ({ result }, evidence, policy) =>
      isEnough(evidence, policy) === (result === 'pass') ? null : `${result} by ${JSON.stringify(evidence)}`,
  });
}

/** Percentages have two decimals, so a hundred times a percentage is whole. */
export function isEnough(
  evidence: Readonly<Record<string, unknown>>,
  policy: Pick<CoveragePolicy, 'floor' | 'tolerance' | 'changedLines'>,
): boolean {
  const [total, main, changed] = ['total', 'main', 'changed'].map(
    (name) => evidence[name] as Figure | null | undefined,
  );
  if (!total) return false;
  const share = (figure: Figure, percent: number, less = 0): boolean => {
    const missing = 10_000 * figure.covered - Math.round(100 * percent) * figure.coverable;
    return figure.coverable === 0 || missing + Math.round(100 * less) * figure.coverable >= 0;
  };
  if (policy.floor !== null && !share(total, policy.floor)) return false;
  if (policy.changedLines !== null && !(changed && share(changed, policy.changedLines))) return false;
  if (policy.tolerance === null) return true;
  if (!main) return false;
  const [mine, theirs] = [
    BigInt(total.covered) * BigInt(main.coverable),
    BigInt(main.covered) * BigInt(total.coverable),
  ];
  const all = BigInt(total.coverable) * BigInt(main.coverable);
  return (theirs - mine) * 10_000n <= BigInt(Math.round(100 * policy.tolerance)) * all;
}
