import type { StoredEvent } from '../../src/application/ports/event-store';
import type { CoveragePolicy } from '../../src/domain/policy/project-policy';
import type { TaskEvent, TaskEventData } from '../../src/domain/task/task.events';
import { envelopeOf, recorded } from './recorded';
import { noting, type Violation } from './violation';

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
class CoverageChecker {
  readonly violations: Violation[] = [];
  private candidate: string | null = null;
  private evidence: TaskEventData['EvidenceRecorded'] | null = null;
  /** The latest answer, and the candidate that it was about. */
  private answer: { readonly result: string; readonly about: string | null; readonly isAsked: boolean } | null = null;

  constructor(private readonly asked: AskedOfCoverage) {}

  take(stored: StoredEvent): void {
    const event = recorded<TaskEvent>(stored);
    const { policyDigest } = envelopeOf(stored);
    const policy = this.asked.get(policyDigest ?? '');
    const wrong = noting(this.violations, 'I45', stored);
    switch (event.type) {
      case 'BranchRebased':
        this.candidate = event.data.newOid;
        return;
      case 'EvidenceRecorded':
        if (event.data.gate === 'check_coverage' && event.data.claim !== undefined) this.evidence = event.data;
        return;
      case 'GateEvaluated':
        if (event.data.gate === 'check_coverage') this.hear(event.data, policy, wrong);
        return;
      case 'TransitionClaimed':
        if (event.data.job.kind === 'landing' && policy) this.checkLanding(event.data, wrong);
        return;
      default:
        return;
    }
  }

  private hear(
    { result, reason }: TaskEventData['GateEvaluated'],
    policy: CoveragePolicy | undefined,
    wrong: (detail: string) => void,
  ): void {
    const isOverridden = reason === 'overridden';
    this.answer = {
      result: isOverridden ? 'overridden' : result,
      about: this.candidate,
      isAsked: policy !== undefined,
    };
    if (!policy || isOverridden || (result !== 'pass' && result !== 'fail')) return;
    const { subjectOid, evidence } = this.evidence ?? {};
    if (subjectOid !== this.candidate)
      wrong(`${result} by what is known of ${String(subjectOid)}, not ${String(this.candidate)}`);
    else if (isEnough(evidence ?? {}, policy) !== (result === 'pass'))
      wrong(`${result} by ${JSON.stringify(evidence)}`);
  }

  private checkLanding({ landing }: TaskEventData['TransitionClaimed'], wrong: (detail: string) => void): void {
    const { result, about, isAsked } = this.answer ?? {};
    // Not configured when it was asked; or overridden for the head, whatever it is rebased onto.
    if ((result === 'not-configured' && !isAsked) || result === 'overridden') return;
    if (result !== 'pass') wrong(`the latest answer is ${String(result)}`);
    else if (about !== landing?.newOid) wrong(`passed for ${String(about)}, and ${String(landing?.newOid)} is to land`);
  }
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

export function checkCoverage(events: readonly StoredEvent[], asked: AskedOfCoverage): Violation[] {
  const checker = new CoverageChecker(asked);
  for (const event of events) checker.take(event);
  return checker.violations;
}
