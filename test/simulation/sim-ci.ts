import { foldStored, NOTHING_LOADED } from '../../src/application/task-repository';
import type { StoredEvent } from '../../src/application/ports/event-store';
import { operator } from '../../src/domain/authority/principal';
import { saidIn, type CheckResult } from '../../src/domain/gates/outside-evidence';
import type { CiPolicy } from '../../src/domain/policy/project-policy';
import type { TaskEventData } from '../../src/domain/task/task.events';
import type { Violation } from '../support/violation';
import { seeded } from './random';
import type { Replica, Shared } from './replica';
import { PROJECT } from './world';

const CHECKS = ['unit', 'lint'] as const;
/** What CI reports of a commit without having come to a finding. */
const UNFINISHED: readonly CheckResult[] = ['cancelled', 'timed_out', 'error', 'startup_failure', 'skipped', 'neutral'];

/** In one history in ten the project asks CI; drawn apart, so that the other ones stay as they are. */
export function ciOf(seed: number): { readonly ci?: CiPolicy } {
  const random = seeded(seed ^ 0xc1c1);
  return random.chance(0.1) ? { ci: { requiredChecks: random.pick([['unit'], CHECKS]) } } : {};
}

/**
 * A CI elsewhere: late, early, twice, about commits that are none any more, cancelled, contradicting itself. Once the world is
 * healed it says of every commit what is true.
 */
export class SimCi {
  private isStopped = false;
  /** Everything it has ever said, by commit, check and result. */
  private readonly said = new Set<string>();
  private readonly own: Shared['world'];

  constructor(
    private readonly shared: Shared,
    private readonly replicas: readonly Replica[],
    private readonly tasks: readonly string[],
  ) {
    this.own = shared.world.apart(0xc1c2);
    if (ciOf(shared.world.seed).ci) this.later();
  }

  stop(): void {
    this.isStopped = true;
  }

  /** I30: the log has nothing that CI did not say, and of no other commit than it was said of. */
  check(events: readonly StoredEvent[]): Violation[] {
    return events.flatMap(({ type, stream, revision, data }) => {
      if (type !== 'EvidenceRecorded') return [];
      const { gate, subjectOid, evidence } = data as unknown as TaskEventData['EvidenceRecorded'];
      const said = `${subjectOid} ${saidIn(evidence, 'name')} ${saidIn(evidence, 'result')}`;
      if (gate !== 'check_ci_green' || this.said.has(said)) return [];
      return [{ invariant: 'I30', stream, revision, detail: `CI has never said: ${said}` }];
    });
  }

  private later(): void {
    this.own.scheduler.schedule(null, this.own.random.between(1_000, 15_000), () => {
      if (this.isStopped) return;
      for (const task of this.tasks) void this.report(task);
      this.later();
    });
  }

  private async report(task: string): Promise<void> {
    const { random, faults } = this.own;
    const head = await this.headOf(task);
    if (head === null) return;
    // What CI tells may be about a commit that the service has not heard of yet, or is past.
    const branch = this.shared.repository.branches.get(`b${task.slice(`${PROJECT}.T`.length)}`) ?? head;
    const about = faults.areOn && random.chance(0.2) ? branch : head;
    for (const name of CHECKS) await this.say(task, name, about, this.resultOf(about));
  }

  private resultOf(oid: string): CheckResult {
    const { random, faults } = this.own;
    const truth = this.shared.repository.get(oid).isRed ? 'failure' : 'success';
    if (!faults.areOn) return truth;
    if (random.chance(0.2)) return random.pick(UNFINISHED);
    if (random.chance(0.1)) return truth === 'success' ? 'failure' : 'success';
    return truth;
  }

  private async say(task: string, name: string, subjectOid: string, result: CheckResult): Promise<void> {
    const { random } = this.own;
    const { hooks } = this.shared;
    const alive = this.replicas.filter(({ process }) => process.alive);
    const project = this.shared.projects.get(PROJECT);
    if (alive.length === 0 || !project) return;
    const { executor, conductor } = random.pick(alive);
    const check = { name, result, url: null, files: [] };
    this.said.add(`${subjectOid} ${name} ${result}`);
    if (hooks.areThere) {
      hooks.tell(name, subjectOid, result);
      return;
    }
    await executor
      .execute(
        task,
        { type: 'RecordEvidence', data: { gate: 'check_ci_green', subjectOid, check } },
        conductor.contextOf(project, operator('ci')),
        { commandId: `ci:${random.hex(12)}` },
      )
      .catch((error: unknown) => {
        this.own.note(String(error));
      });
  }

  /** Where CI reports: before a candidate is made; null where nobody waits for it. */
  private async headOf(task: string): Promise<string | null> {
    const events = await this.shared.log.everything();
    const { state } = events.filter(({ stream }) => stream === `task-${task}`).reduce(foldStored, NOTHING_LOADED);
    if (state.kind !== 'submitted' || state.merge) return null;
    const isAsked = state.stage === 'development' || (this.own.faults.areOn && this.own.random.chance(0.3));
    return isAsked ? state.headOid : null;
  }
}
