import type { ChangedFile } from '../../src/domain/gates/coverage/coverage-report';
import type { SimRepository } from './sim-repository';

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
