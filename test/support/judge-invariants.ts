import type { StoredEvent } from '../../src/application/ports/event-store';
import type { JudgePolicy } from '../../src/domain/policy/project-policy';
import type { TaskEvent, TaskEventData } from '../../src/domain/task/task.events';
import { envelopeOf, recorded } from './recorded';
import { noting, type Violation } from './violation';

/** By the digest of a policy. */
export type AskedOfJudge = ReadonlyMap<string, JudgePolicy>;

/** What may land without a person where main's tests are to judge. */
const HARMLESS: readonly unknown[] = ['unchanged', 'added', 'green'];

/**
 * I49: where main's tests are to judge a change of them, nothing lands that they are red on, unless somebody has let the gate pass on record:
 * the answer is about the very candidate, and a pass rests on what was found out about it.
 */
class JudgeChecker {
  readonly violations: Violation[] = [];
  private candidate: string | null = null;
  private evidence: TaskEventData['EvidenceRecorded'] | null = null;
  /** The latest answer, and the candidate that it was about. */
  private answer: { readonly result: string; readonly about: string | null } | null = null;

  constructor(private readonly asked: AskedOfJudge) {}

  take(stored: StoredEvent): void {
    const event = recorded<TaskEvent>(stored);
    const policy = this.asked.get(envelopeOf(stored).policyDigest ?? '');
    const wrong = noting(this.violations, 'I49', stored);
    switch (event.type) {
      case 'BranchRebased':
        this.candidate = event.data.newOid;
        return;
      case 'EvidenceRecorded':
        if (event.data.gate === 'check_tests_not_weakened') this.evidence = event.data;
        return;
      case 'GateEvaluated':
        if (event.data.gate === 'check_tests_not_weakened') this.hear(event.data, policy, wrong);
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
    policy: JudgePolicy | undefined,
    wrong: (detail: string) => void,
  ): void {
    const isOverridden = reason === 'overridden';
    this.answer = { result: isOverridden ? 'overridden' : result, about: this.candidate };
    if (result !== 'pass' || isOverridden || !policy) return;
    const { subjectOid, evidence = {} } = this.evidence ?? {};
    const { finding, trial } = evidence;
    const exitCode = (trial as { readonly exitCode?: unknown } | null | undefined)?.exitCode;
    if (subjectOid !== this.candidate)
      wrong(`passed by what is known of ${String(subjectOid)}, not ${String(this.candidate)}`);
    else if (policy.run !== null && !HARMLESS.includes(finding)) wrong(`passed although ${JSON.stringify(finding)}`);
    else if (finding === 'green' && exitCode !== 0) wrong(`passed by a run that ended with ${String(exitCode)}`);
  }

  private checkLanding({ landing }: TaskEventData['TransitionClaimed'], wrong: (detail: string) => void): void {
    const { result, about } = this.answer ?? {};
    // Overridden for the head, whatever it is rebased onto; or asked before there was a block.
    if (result === 'overridden' || result === 'not-configured') return;
    if (result !== 'pass') wrong(`the latest answer is ${String(result)}`);
    else if (about !== landing?.newOid) wrong(`passed for ${String(about)}, and ${String(landing?.newOid)} is to land`);
  }
}

export function checkJudge(events: readonly StoredEvent[], asked: AskedOfJudge): Violation[] {
  const checker = new JudgeChecker(asked);
  for (const event of events) checker.take(event);
  return checker.violations;
}
