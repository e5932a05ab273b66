import type { StoredEvent } from '../../src/application/ports/event-store';
import type { ProjectPolicy } from '../../src/domain/policy/project-policy';
import type { TaskEvent, TaskEventData } from '../../src/domain/task/task.events';
import { envelopeOf, recorded } from './recorded';
import { noting, type Violation } from './violation';

/** By the digest of a policy. */
export type AskedOfReverts = ReadonlyMap<string, Pick<ProjectPolicy, 'onSilentRevert' | 'revertWindow'>>;

/**
 * I47: where somebody looks for silent reverts, nothing lands without an answer about that very candidate; it passes when nothing was found,
 * and is returned or held, as the policy says, when something was.
 */
class RevertChecker {
  readonly violations: Violation[] = [];
  private candidate: string | null = null;
  private evidence: TaskEventData['EvidenceRecorded'] | null = null;
  private answer: { readonly result: string; readonly about: string | null; readonly isAsked: boolean } | null = null;

  constructor(private readonly asked: AskedOfReverts) {}

  take(stored: StoredEvent): void {
    const event = recorded<TaskEvent>(stored);
    const policy = this.asked.get(envelopeOf(stored).policyDigest ?? '');
    const wrong = noting(this.violations, 'I47', stored);
    switch (event.type) {
      case 'BranchRebased':
        this.candidate = event.data.newOid;
        return;
      case 'EvidenceRecorded':
        if (event.data.gate === 'check_no_silent_revert') this.evidence = event.data;
        return;
      case 'GateEvaluated':
        if (event.data.gate === 'check_no_silent_revert') this.hear(event.data, policy, wrong);
        return;
      case 'TransitionClaimed':
        // A policy that the log does not have says nothing, as in logs that were cut.
        if (event.data.job.kind === 'landing' && policy && policy.onSilentRevert !== 'off')
          this.checkLanding(event.data, wrong);
        return;
      default:
        return;
    }
  }

  private hear(
    { result, reason }: TaskEventData['GateEvaluated'],
    policy: Pick<ProjectPolicy, 'onSilentRevert' | 'revertWindow'> | undefined,
    wrong: (detail: string) => void,
  ): void {
    const isOverridden = reason === 'overridden';
    const isAsked = policy !== undefined && policy.onSilentRevert !== 'off';
    this.answer = { result: isOverridden ? 'overridden' : result, about: this.candidate, isAsked };
    if (
      !policy ||
      isOverridden ||
      reason === 'infra-exhausted' ||
      result === 'not-ready' ||
      result === 'not-configured'
    )
      return;
    const { subjectOid, evidence = {} } = this.evidence ?? {};
    const { silent } = evidence as { readonly silent?: number };
    const expected = silent === 0 ? 'pass' : policy.onSilentRevert === 'hold' ? 'hold' : 'fail';
    if (subjectOid !== this.candidate)
      wrong(`${result} by what is known of ${String(subjectOid)}, not ${String(this.candidate)}`);
    else if (result !== expected) wrong(`${result}, with ${String(silent)} silent reverts`);
  }

  private checkLanding({ landing }: TaskEventData['TransitionClaimed'], wrong: (detail: string) => void): void {
    const { result, about, isAsked } = this.answer ?? {};
    // Not configured when it was asked; or overridden for the head, whatever it is rebased onto.
    if ((result === 'not-configured' && !isAsked) || result === 'overridden') return;
    if (result !== 'pass') wrong(`the latest answer is ${String(result)}`);
    else if (about !== landing?.newOid) wrong(`passed for ${String(about)}, and ${String(landing?.newOid)} is to land`);
  }
}

export function checkRevertAnswers(events: readonly StoredEvent[], asked: AskedOfReverts): Violation[] {
  const checker = new RevertChecker(asked);
  for (const event of events) checker.take(event);
  return checker.violations;
}
