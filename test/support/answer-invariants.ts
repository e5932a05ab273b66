import type { StoredEvent } from '../../src/application/ports/event-store';
import type { JsonObject } from '../../src/domain/json';
import type { GateName } from '../../src/domain/task/pipeline';
import type { TaskEvent, TaskEventData } from '../../src/domain/task/task.events';
import { envelopeOf, recorded } from './recorded';
import { noting, type Violation } from './violation';

type Answer = TaskEventData['GateEvaluated'];
type Wrong = (detail: string) => void;

/** What the answers of one gate have to keep to, where a policy asks for them. */
export interface AnswerRule<P> {
  readonly invariant: string;
  readonly gate: GateName;
  /** By the digest of a policy. A policy that the log does not have says nothing, as in logs that were cut. */
  readonly asked: ReadonlyMap<string, P>;
  readonly isAsked?: (policy: P) => boolean;
  /** Whether an answer rests on what was found out about the candidate. */
  readonly isJudged: (answer: Answer) => boolean;
  /** @returns what is wrong with such an answer, reckoned from the evidence once more; null where nothing is. */
  readonly wrongWith: (answer: Answer, evidence: JsonObject, policy: P) => string | null;
}

/** Nothing lands without an answer about that very candidate, and each answer is what the evidence about it says. */
class AnswerChecker<P> {
  readonly violations: Violation[] = [];
  private candidate: string | null = null;
  private evidence: TaskEventData['EvidenceRecorded'] | null = null;
  /** The latest answer, and the candidate that it was about. */
  private answer: { readonly result: string; readonly about: string | null; readonly isAsked: boolean } | null = null;

  constructor(private readonly rule: AnswerRule<P>) {}

  take(stored: StoredEvent): void {
    const { gate, invariant, asked } = this.rule;
    const event = recorded<TaskEvent>(stored);
    const policy = asked.get(envelopeOf(stored).policyDigest ?? '');
    const wrong = noting(this.violations, invariant, stored);
    switch (event.type) {
      case 'BranchRebased':
        this.candidate = event.data.newOid;
        return;
      case 'EvidenceRecorded':
        // What somebody posts from outside is not what was found out.
        if (event.data.gate === gate && event.data.claim !== undefined) this.evidence = event.data;
        return;
      case 'GateEvaluated':
        if (event.data.gate === gate) this.hear(event.data, policy, wrong);
        return;
      case 'TransitionClaimed':
        if (event.data.job.kind === 'landing' && this.asks(policy)) this.checkLanding(event.data, wrong);
        return;
      default:
        return;
    }
  }

  private asks(policy: P | undefined): policy is P {
    return policy !== undefined && (this.rule.isAsked?.(policy) ?? true);
  }

  private hear(answer: Answer, policy: P | undefined, wrong: Wrong): void {
    const { result, reason } = answer;
    const isOverridden = reason === 'overridden';
    this.answer = {
      result: isOverridden ? 'overridden' : result,
      about: this.candidate,
      isAsked: this.asks(policy),
    };
    if (isOverridden || !this.asks(policy) || !this.rule.isJudged(answer)) return;
    const { subjectOid, evidence = {} } = this.evidence ?? {};
    if (subjectOid !== this.candidate)
      wrong(`${result} by what is known of ${String(subjectOid)}, not ${String(this.candidate)}`);
    else {
      const detail = this.rule.wrongWith(answer, evidence, policy);
      if (detail !== null) wrong(detail);
    }
  }

  private checkLanding({ landing }: TaskEventData['TransitionClaimed'], wrong: Wrong): void {
    const { result, about, isAsked } = this.answer ?? {};
    // Not configured when it was asked; or overridden for the head, whatever it is rebased onto.
    if ((result === 'not-configured' && !isAsked) || result === 'overridden') return;
    if (result !== 'pass') wrong(`the latest answer is ${String(result)}`);
    else if (about !== landing?.newOid) wrong(`passed for ${String(about)}, and ${String(landing?.newOid)} is to land`);
  }
}

export function checkAnswers<P>(events: readonly StoredEvent[], rule: AnswerRule<P>): Violation[] {
  const checker = new AnswerChecker(rule);
  for (const event of events) checker.take(event);
  return checker.violations;
}
