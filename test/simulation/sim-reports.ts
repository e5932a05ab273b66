import type { StoredEvent } from '../../src/application/ports/event-store';
import type { Clock } from '../../src/application/ports/clock';
import { ReportHistory, type ReportKey } from '../../src/application/ports/report-history';
import { ImageRegistry } from '../../src/application/ports/image-registry';
import type { ReportFault } from '../../src/application/ports/report-reader';
import type { GateName } from '../../src/domain/task/pipeline';
import type { TaskEventData } from '../../src/domain/task/task.events';
import { BoundedReportReader } from '../../src/infrastructure/reports/bounded-report-reader';
import type { Violation } from '../support/violation';
import { seeded } from './random';
import type { SimImages } from './sim-images';
import { LCOV, lcovOf } from './sim-coverage';
import type { SimRepository } from './sim-repository';
import type { SimLog } from './sim-store';
import type { World } from './world';

/** The commands of gates that read reports; what they exit with says nothing about a commit. */
export const SCAN = 'scan';

/** In some histories, drawn apart, changes are scanned before they land. */
export function hasScans(seed: number): boolean {
  return seeded(seed ^ 0x5ca2).chance(0.25);
}

/** What a scanner finds in a commit: some changes bring a flaw in, which stays with everything that is built on them. */
export function flawsOf(repository: SimRepository, oid: string): readonly string[] {
  const found: string[] = [];
  for (let at: string | null = oid; at; at = repository.get(at).parent) {
    const { touches } = repository.get(at);
    if (touches % 4 === 1) found.push(`flaw-${touches}`);
  }
  return found;
}

/** Reports as commands leave them in clones: whole ones, and with the machine's help none, half a one, or one that says it failed. */
export class SimReports extends BoundedReportReader {
  private readonly own: World;

  constructor(
    world: World,
    private readonly repository: SimRepository,
    private readonly builds: SimImages,
    private readonly clock: Clock,
  ) {
    super();
    this.own = world.apart(0x5ca3);
  }

  override file = (
    folder: string,
    path: string,
  ): Promise<{ readonly kind: 'read'; readonly text: string } | ReportFault> => {
    const { random, faults } = this.own;
    const oid = folder.replace('/clone/', '');
    if (path === LCOV) return Promise.resolve(this.coverageOf(oid));
    const whole = sarif(flawsOf(this.repository, oid), true);
    if (!faults.happens(faults.infraRate)) return Promise.resolve({ kind: 'read', text: whole });
    const missing: ReportFault = { kind: 'fault', reason: 'no_report', evidence: ['none'] };
    const texts = [whole.slice(0, -9), sarif([], false), '{"version":"2.1.0","runs":[]}'];
    return Promise.resolve(random.pick([missing, ...texts.map((text) => ({ kind: 'read', text }) as const)]));
  };

  override tests = (folder: string): ReturnType<BoundedReportReader['tests']> => {
    const report = this.own.witness.reportIn(folder);
    if (report) return Promise.resolve({ kind: 'read', report });
    return Promise.resolve({ kind: 'fault', reason: 'no_report', evidence: ['none'] });
  };

  override layout = (folder: string) => this.builds.layout(folder.replace('/clone/', ''), this.clock.now());

  /** With the machine's help half a report, one of nothing, or one of other files. */
  private coverageOf(oid: string): { readonly kind: 'read'; readonly text: string } {
    const { random, faults } = this.own;
    const whole = lcovOf(this.repository, oid);
    if (!faults.happens(faults.infraRate)) return { kind: 'read', text: whole };
    return {
      kind: 'read',
      text: random.pick([whole.slice(0, whole.lastIndexOf('DA:')), 'TN:\n', whole.replaceAll('SF:', 'SF:/elsewhere/')]),
    };
  }
}

function sarif(flaws: readonly string[], executionSuccessful: boolean): string {
  const results = flaws.map((flaw) => ({
    ruleId: flaw,
    level: 'error',
    message: { text: flaw },
    partialFingerprints: { primaryLocationLineHash: `${flaw}:1` },
  }));
  const tool = { driver: { name: SCAN } };
  return JSON.stringify({ version: '2.1.0', runs: [{ tool, invocations: [{ executionSuccessful }], results }] });
}

/** No history asks one. */
export class NoRegistry extends ImageRegistry {
  override look(): Promise<never> {
    return Promise.reject(new Error('a registry is asked in a simulation'));
  }
}

/** As the read model finds them in the log. */
export class SimReportHistory extends ReportHistory {
  constructor(private readonly log: SimLog) {
    super();
  }

  async find({ gate, oid, command }: ReportKey): Promise<string | null> {
    for (const { type, data } of await this.log.everything()) {
      const found = data as unknown as TaskEventData['EvidenceRecorded'];
      if (type !== 'EvidenceRecorded' || found.gate !== gate || found.evidence['command'] !== command) continue;
      const base = found.evidence['base'] as { oid: string; report: string } | null;
      if (found.subjectOid === oid) return found.evidence['report'] as string;
      if (base?.oid === oid) return base.report;
    }
    return null;
  }
}

/**
 * I26: where changes are scanned nothing lands with a flaw that main did not have, unless somebody has let the gate pass on
 * record. I27: no change is sent back by the gate that brings no flaw in.
 */
export function checkScans(seed: number, repository: SimRepository, events: readonly StoredEvent[]): Violation[] {
  if (!hasScans(seed)) return [];
  return [...new Set(events.map(({ stream }) => stream))].flatMap((stream) => {
    const of = events.filter((event) => event.stream === stream);
    return of.flatMap((event, index): Violation[] => {
      const wrong = (invariant: string, detail: string) => [{ invariant, stream, revision: event.revision, detail }];
      if (event.type === 'TaskLanded') {
        const { newOid, baseOid } = event.data as unknown as TaskEventData['TaskLanded'];
        const flaws = brought(repository, newOid, baseOid);
        return flaws.length > 0 && !isOverridden(of.slice(0, index), 'check_security')
          ? wrong('I26', `${newOid} landed with ${flaws.join()}, which ${baseOid} does not have`)
          : [];
      }
      const back = event.data as unknown as TaskEventData['StageRolledBack'];
      if (event.type !== 'StageRolledBack' || back.gate !== 'check_security' || back.reason === 'infra-exhausted')
        return [];
      const rebased = of.slice(0, index).findLast(({ type }) => type === 'BranchRebased')?.data;
      const { newOid, baseOid } = rebased as unknown as TaskEventData['BranchRebased'];
      return newOid && brought(repository, newOid, baseOid).length > 0
        ? []
        : wrong('I27', `${String(newOid)} was sent back, and brings no flaw to ${baseOid}`);
    });
  });
}

/** Counted, as one flaw more of a kind is a flaw. */
function brought(repository: SimRepository, newOid: string, baseOid: string): readonly string[] {
  const known = [...flawsOf(repository, baseOid)];
  return flawsOf(repository, newOid).filter((flaw) => {
    const at = known.indexOf(flaw);
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  });
}

export function isOverridden(events: readonly StoredEvent[], gate: GateName): boolean {
  const answers = events.filter(
    ({ type, data }) => type === 'GateEvaluated' && (data as { gate: string }).gate === gate,
  );
  return (answers.at(-1)?.data as { reason?: string } | undefined)?.reason === 'overridden';
}
