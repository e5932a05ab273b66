import type { StoredEvent } from '../../src/application/ports/event-store';
import type { JsonObject } from '../../src/domain/json';
import { rowOf, STAGE_TRANSITIONS, type GateName } from '../../src/domain/task/pipeline';
import type { TaskEvent, TaskEventData } from '../../src/domain/task/task.events';
import { envelopeOf, recorded } from './recorded';
import { noting, type Violation } from './violation';

type Record = TaskEventData['GateOverridden'];

const NEVER: readonly GateName[] = ['intake'];
/** Whoever let a suite without tests pass in staging has let its re-test pass. */
const ALSO_BY: { readonly [Gate in GateName]?: GateName } = { check_branch_mergeable: 'check_staging_status' };

/** I20: how a task got past its gates, folded by hand. */
class OverrideChecker {
  readonly violations: Violation[] = [];
  private head: string | null = null;
  private stage = 'created';
  private isLanded = false;
  private hasNothingToLand = false;
  private readonly records = new Map<string, Record>();
  private readonly answered = new Set<GateName>();
  /** By gate, the facts that its job found last. */
  private readonly found = new Map<GateName, JsonObject>();
  /** What let each gate through that did not pass by itself. */
  private readonly byRecord = new Map<GateName, Record>();

  take(stored: StoredEvent): void {
    const event = recorded<TaskEvent>(stored);
    const { occurredAt } = envelopeOf(stored);
    const wrong = noting(this.violations, 'I20', stored);
    switch (event.type) {
      case 'TaskSubmitted':
        this.head = event.data.headOid;
        return;
      case 'GateOverridden':
        this.records.set(String(stored.revision), event.data);
        return;
      case 'EvidenceRecorded':
        if (event.data.claim !== undefined) this.found.set(event.data.gate, event.data.evidence);
        return;
      case 'GateEvaluated':
        this.answer(event.data, occurredAt, wrong);
        return;
      case 'TransitionClaimed':
        if (event.data.job.kind === 'landing') this.checkAtLanding(occurredAt, wrong);
        return;
      case 'HeadMoved':
        this.head = event.data.to;
        if (!this.isLanded && ['review', 'testing', 'deploy-staging', 'deploy'].includes(this.stage))
          this.enter('development');
        return;
      case 'NothingToLand':
        this.hasNothingToLand = true;
        return;
      case 'TaskLanded':
        this.isLanded = true;
        return;
      case 'LandingLost':
        this.losesLanding();
        return;
      case 'VerdictVoided':
        this.hasNothingToLand = false;
        this.enter(event.data.stage);
        return;
      case 'StageRolledBack':
        this.enter('development');
        return;
      case 'StageAdvanced':
        if (!this.hasNothingToLand)
          for (const gate of rowOf(event.data.from).gates)
            if (!this.answered.has(gate)) wrong(`${gate} has not let it through`);
        this.enter(event.data.to);
        return;
      default:
        return;
    }
  }

  private answer(
    { gate, result, reason, evidence }: TaskEventData['GateEvaluated'],
    at: string,
    wrong: (detail: string) => void,
  ): void {
    if (result === 'pass' || result === 'not-configured') this.answered.add(gate);
    else this.answered.delete(gate);
    this.byRecord.delete(gate);
    if (result !== 'pass' || reason !== 'overridden') return;
    const { override } = evidence;
    const record = typeof override === 'string' ? this.records.get(override) : undefined;
    const isMeant = record !== undefined && (record.gate === gate || record.gate === ALSO_BY[gate]);
    if (!isMeant || NEVER.includes(gate)) {
      wrong(`nothing on record lets ${gate} pass`);
      return;
    }
    this.byRecord.set(gate, record);
    this.checkRecord(gate, record, at, wrong);
    if (record.paths) this.checkWaived(gate, evidence['waived'], at, wrong);
  }

  /** What is left without the paths that people let pass has nothing against the change. */
  private checkWaived(gate: GateName, waived: unknown, at: string, wrong: (detail: string) => void): void {
    const pairs = (waived ?? []) as readonly (readonly [string, string])[];
    for (const [path, revision] of pairs) {
      const record = this.records.get(revision);
      if (record?.gate !== gate || !record.paths?.some((scope) => isWithin(scope, path)))
        wrong(`no record lets ${gate} pass in ${path}`);
      else this.checkRecord(gate, record, at, wrong);
    }
    const out = new Set(pairs.map(([path]) => path));
    const found = this.found.get(gate) ?? {};
    const named = (found['paths'] ?? []) as readonly string[];
    const left = named.filter((path) => !out.has(path));
    if (left.length > 0 && !(gate === 'check_coverage' && isCovered(found, named, out)))
      wrong(`${gate} was let through in ${left.join(', ')} as well`);
  }

  private checkAtLanding(at: string, wrong: (detail: string) => void): void {
    for (const [gate, record] of this.byRecord) this.checkRecord(gate, this.renewed(record), at, wrong);
  }

  /** The newest of the same gate and scope: whoever lets it pass again before the landing has it land. */
  private renewed(record: Record): Record {
    const isSame = ({ gate, paths }: Record) => gate === record.gate && String(paths) === String(record.paths);
    return [...this.records.values()].filter(isSame).at(-1) ?? record;
  }

  private checkRecord(gate: GateName, record: Record, at: string, wrong: (detail: string) => void): void {
    if (record.expiresAt <= at) wrong(`the override of ${gate} was over at ${record.expiresAt}`);
    if (record.headOid !== undefined && record.headOid !== this.head)
      wrong(`the override of ${gate} is about ${record.headOid}`);
  }

  private enter(stage: string): void {
    this.stage = stage;
    const again = STAGE_TRANSITIONS.slice(STAGE_TRANSITIONS.findIndex((row) => row.stage === stage));
    if (stage === 'done') return;
    for (const gate of again.flatMap(({ gates }) => gates)) {
      this.answered.delete(gate);
      this.byRecord.delete(gate);
    }
  }

  /** What led behind the suite before leads there again, whatever that was. */
  private losesLanding(): void {
    const record = this.byRecord.get('check_staging_status');
    this.enter('deploy-staging');
    this.answered.add('check_staging_status');
    if (record) this.byRecord.set('check_staging_status', record);
  }
}

function isWithin(scope: string, path: string): boolean {
  const parts = scope.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length > 0 && parts.every((part, at) => path.split('/')[at] === part);
}

/** Whether so much of the changed lines of the other files is covered as is asked. */
function isCovered(found: JsonObject, named: readonly string[], out: ReadonlySet<string>): boolean {
  const figures = (found['pathFigures'] ?? []) as unknown as readonly Figure[];
  const { changedLines } = found['asked'] as { changedLines: number };
  let { covered, coverable } = found['changed'] as unknown as Figure;
  for (const [at, path] of named.entries()) {
    if (!out.has(path)) continue;
    covered -= figures[at]?.covered ?? 0;
    coverable -= figures[at]?.coverable ?? 0;
  }
  return covered * 100 >= coverable * changedLines;
}

interface Figure {
  readonly covered: number;
  readonly coverable: number;
}

export function checkOverrides(events: readonly StoredEvent[]): Violation[] {
  const checker = new OverrideChecker();
  for (const event of events) checker.take(event);
  return checker.violations;
}
