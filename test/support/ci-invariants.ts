import type { StoredEvent } from '../../src/application/ports/event-store';
import type { CiPolicy } from '../../src/domain/policy/project-policy';
import type { TaskEvent, TaskEventData } from '../../src/domain/task/task.events';
import { envelopeOf, recorded } from './recorded';
import { noting, type Violation } from './violation';

/** By the digest of a policy. */
export type AskedOfCi = ReadonlyMap<string, CiPolicy>;

/** I30: a commit leaves development by CI's word about that very commit, and is sent back for a failure of it, once. */
class CiChecker {
  readonly violations: Violation[] = [];
  private head: string | null = null;
  /** By commit and check: everything that was said, in order. */
  private said = new Map<string, string[]>();
  private readonly refused = new Set<string>();
  private isOverridden = false;

  constructor(private readonly asked: AskedOfCi) {}

  take(stored: StoredEvent): void {
    const event = recorded<TaskEvent>(stored);
    const { policyDigest } = envelopeOf(stored);
    const ci = policyDigest === null ? undefined : this.asked.get(policyDigest);
    const wrong = noting(this.violations, 'I30', stored);
    switch (event.type) {
      case 'TaskSubmitted':
        this.head = event.data.headOid;
        return;
      case 'HeadMoved':
        this.head = event.data.to;
        return;
      case 'EvidenceRecorded':
        this.hear(event.data);
        return;
      case 'GateOverridden':
        if (event.data.gate === 'check_ci_green') this.refused.delete(this.head ?? '');
        return;
      case 'GateEvaluated':
        if (event.data.gate === 'check_ci_green') this.isOverridden = event.data.reason === 'overridden';
        return;
      case 'VerdictVoided':
        if (event.data.stage === 'development' && event.data.by !== 'stagegate') this.forget();
        return;
      case 'StageRolledBack':
        if (event.data.gate === 'check_ci_green') this.checkRefusal(wrong, ci);
        return;
      case 'StageAdvanced':
        if (event.data.from === 'development' && ci && !this.isOverridden) this.checkLeaving(wrong, ci);
        return;
      default:
        return;
    }
  }

  private hear({ gate, subjectOid, evidence, claim }: TaskEventData['EvidenceRecorded']): void {
    if (gate !== 'check_ci_green' || claim !== undefined) return;
    const { name, result } = evidence as { name: string; result: string };
    const key = `${subjectOid} ${name}`;
    this.said.set(key, [...(this.said.get(key) ?? []), result]);
  }

  /** A person has looked at what contradicts itself. */
  private forget(): void {
    this.said = new Map([...this.said].filter(([, said]) => !(said.includes('success') && said.includes('failure'))));
  }

  private checkLeaving(wrong: (detail: string) => void, { requiredChecks }: CiPolicy): void {
    for (const name of requiredChecks) {
      const said = this.said.get(`${this.head} ${name}`) ?? [];
      if (said.at(-1) !== 'success' || said.includes('failure')) wrong(`${name} said [${said.join()}] of ${this.head}`);
    }
  }

  private checkRefusal(wrong: (detail: string) => void, ci: CiPolicy | undefined): void {
    const isRed = ci?.requiredChecks.some((name) => this.said.get(`${this.head} ${name}`)?.at(-1) === 'failure');
    if (!isRed) wrong(`nothing required failed of ${this.head}`);
    if (this.refused.has(this.head ?? '')) wrong(`${this.head} was sent back by CI before`);
    this.refused.add(this.head ?? '');
  }
}

export function checkCi(events: readonly StoredEvent[], asked: AskedOfCi): Violation[] {
  const checker = new CiChecker(asked);
  for (const event of events) checker.take(event);
  return checker.violations;
}
