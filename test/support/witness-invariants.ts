import type { StoredEvent } from '../../src/application/ports/event-store';
import type { SuitePolicy } from '../../src/domain/policy/project-policy';
import type { TaskEvent, TaskEventData } from '../../src/domain/task/task.events';
import { envelopeOf, recorded } from './recorded';
import { noting, type Violation } from './violation';

type Ran = TaskEventData['StagingSuiteExecuted']['run'];

/** What a policy demands of the counts of its suites. */
export interface AskedOfTests {
  readonly staging: Demand;
  readonly testing: Demand;
  readonly retest: Demand;
}

export type Demand = Pick<SuitePolicy, 'minTests' | 'witness' | 'onVanishedTests'>;

/** By the digest of a policy. */
export type Demands = ReadonlyMap<string, AskedOfTests>;

/**
 * I48: no suite that ended with 0 is a green where its recorded count, or the lack of one, speaks against it, and nothing lands on one
 * that nobody has let pass. The rule is reckoned here once more.
 */
class WitnessChecker {
  readonly violations: Violation[] = [];
  private ran: Ran | null = null;
  /** What keeps the candidate from landing; a person may let it pass. */
  private isOwed = false;

  constructor(private readonly demands: Demands) {}

  take(stored: StoredEvent): void {
    const event = recorded<TaskEvent>(stored);
    const asked = this.demands.get(envelopeOf(stored).policyDigest ?? '');
    const wrong = noting(this.violations, 'I48', stored);
    switch (event.type) {
      case 'StagingSuiteExecuted':
      case 'TestSuiteExecuted':
        this.ran = event.data.run;
        return;
      case 'VerdictRecorded':
        if (asked && event.data.source === 'runner') this.judge(event.data, asked, wrong);
        return;
      case 'BranchRebased':
        this.isOwed = false;
        return;
      case 'RetestFinished':
        this.isOwed = event.data.outcome !== 'green';
        if (asked && event.data.outcome === 'green' && speaksAgainst(event.data.run, asked.retest))
          wrong(`the re-test is green by ${JSON.stringify(event.data.run.tests ?? null)}`);
        return;
      case 'GateEvaluated':
        if (event.data.gate === 'check_branch_mergeable' && event.data.reason === 'overridden') this.isOwed = false;
        return;
      case 'TransitionClaimed':
        if (event.data.job.kind === 'landing' && this.isOwed) wrong('lands by a re-test that is no green');
        return;
      default:
        return;
    }
  }

  private judge(
    { stage, passed, runId }: TaskEventData['VerdictRecorded'],
    asked: AskedOfTests,
    wrong: (detail: string) => void,
  ): void {
    const { ran } = this;
    const demand = stage === 'deploy-staging' ? asked.staging : stage === 'testing' ? asked.testing : null;
    if (passed && demand && ran?.runId.startsWith(runId) && speaksAgainst(ran, demand))
      wrong(`${stage} passes by ${JSON.stringify(ran.tests ?? null)}`);
  }
}

function speaksAgainst({ tests, compared }: Ran, { minTests, witness, onVanishedTests }: Demand): boolean {
  if (witness?.kind === 'tests' && (!tests || tests.isClaimed)) return true;
  if (minTests === 0) return false;
  if (!tests) return minTests !== undefined;
  const missing = (compared?.vanished ?? 0) + (compared?.newlySkipped ?? 0);
  const isMany = missing >= 5 && missing * 10 > (compared?.before ?? 0);
  if (onVanishedTests === 'hold' ? missing > 0 : onVanishedTests === undefined && isMany) return true;
  return tests.failed > 0 || tests.executed < Math.max(1, minTests ?? 1);
}

export function checkWitness(events: readonly StoredEvent[], demands: Demands): Violation[] {
  const checker = new WitnessChecker(demands);
  for (const event of events) checker.take(event);
  return checker.violations;
}
