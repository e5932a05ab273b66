import type { StoredEvent } from '../../src/application/ports/event-store';
import type { ChangedFile } from '../../src/domain/gates/coverage/coverage-report';
import type { ProjectSettings } from '../../src/infrastructure/config/project/project-settings';
import type { TaskEventData } from '../../src/domain/task/task.events';
import type { Violation } from '../support/violation';
import { seeded } from './random';
import type { SimRepository } from './sim-repository';

/** The command that measures; what it exits with says nothing about a commit. */
export const MEASURE = 'measure';
export const LCOV = 'lcov.info';
const RUN = { suite: MEASURE, timeoutMs: 60_000, graceMs: 1_000, witness: { kind: 'file', path: LCOV } } as const;
/** Low enough that changes land, and high enough that some do not: by all rules together, and by each of them alone. */
const ASKED = [
  { floor: 70, tolerance: 5, changedLines: 50 },
  { floor: 85, tolerance: null, changedLines: null },
  { floor: null, tolerance: 5, changedLines: null },
  { floor: null, tolerance: null, changedLines: 60 },
] as const;

/** In some histories, drawn apart, the coverage of changes is measured before they land. */
export function hasCoverage(seed: number): boolean {
  return seeded(seed ^ 0xc0fe).chance(0.2);
}

export function coverageOf(seed: number): Pick<ProjectSettings, 'coverage'> {
  return hasCoverage(seed) ? { coverage: { run: RUN, ...seeded(seed ^ 0xc0ff).pick(ASKED) } } : {};
}

/** Every change writes so many lines at the end of the file that it touches. */
const BLOCK_LINES = 4;

/** How many lines of its block tests execute, by what a change touches: most all of them, some half, some hardly any. */
function coveredOf(touches: number): number {
  if (touches % 6 === 1) return 1;
  return touches % 6 === 5 ? 2 : BLOCK_LINES;
}

/** The blocks of a commit's files, in order: how many of the lines of each are covered. */
export function blocksOf(repository: SimRepository, oid: string): ReadonlyMap<string, readonly number[]> {
  const files = new Map<string, number[]>();
  for (let at: string | null = oid; at; at = repository.get(at).parent) {
    const { touches } = repository.get(at);
    const path = `${touches}.txt`;
    files.set(path, [coveredOf(touches), ...(files.get(path) ?? [])]);
  }
  return files;
}

/** What a commit adds to one below it. */
export function changedBlocks(repository: SimRepository, from: string, to: string): readonly ChangedFile[] {
  const before = blocksOf(repository, from);
  return [...blocksOf(repository, to)].flatMap(([path, blocks]): ChangedFile[] => {
    const [old, now] = [(before.get(path)?.length ?? 0) * BLOCK_LINES, blocks.length * BLOCK_LINES];
    return now > old ? [{ path, stretches: [[old + 1, now]], lineCount: now }] : [];
  });
}

/** As a tool would tell of a commit. */
export function lcovOf(repository: SimRepository, oid: string): string {
  const records = [...blocksOf(repository, oid)].map(([path, blocks]) => {
    const lines = blocks.flatMap((covered, block) =>
      Array.from({ length: BLOCK_LINES }, (_, at) => `DA:${block * BLOCK_LINES + at + 1},${at < covered ? 1 : 0}`),
    );
    return [`SF:${path}`, ...lines, 'end_of_record'].join('\n');
  });
  return `TN:\n${records.join('\n')}\n`;
}

/** I45: the figures on record are those of the commits that they are about. */
export function checkFigures(repository: SimRepository, events: readonly StoredEvent[]): Violation[] {
  return events.flatMap(({ type, data, stream, revision }, index) => {
    const { gate, subjectOid, evidence } = data as unknown as TaskEventData['EvidenceRecorded'];
    if (type !== 'EvidenceRecorded' || gate !== 'check_coverage') return [];
    const rebased = events.slice(0, index).findLast((each) => each.stream === stream && each.type === 'BranchRebased');
    const { baseOid } = rebased?.data as unknown as TaskEventData['BranchRebased'];
    const [now, before] = [figureOf(repository, subjectOid), figureOf(repository, baseOid)];
    const brought = { covered: now.covered - before.covered, coverable: now.coverable - before.coverable };
    const { total, main, changed } = evidence;
    const isTrue =
      isSame(total, now) && (main === null || isSame(main, before)) && (changed === null || isSame(changed, brought));
    const wrong = (detail: string) => [{ invariant: 'I45', stream, revision, detail }];
    return isTrue ? [] : wrong(`of ${subjectOid}: ${JSON.stringify({ total, main, changed, now, before })}`);
  });
}

function figureOf(repository: SimRepository, oid: string): { readonly covered: number; readonly coverable: number } {
  const blocks = [...blocksOf(repository, oid).values()].flat();
  return { covered: blocks.reduce((sum, each) => sum + each, 0), coverable: blocks.length * BLOCK_LINES };
}

function isSame(said: unknown, { covered, coverable }: ReturnType<typeof figureOf>): boolean {
  return JSON.stringify(said) === JSON.stringify({ coverable, covered });
}
