import type { Replay, Replayed } from './run-replay';

export interface Summary {
  readonly name: string;
  readonly merges: number;
  readonly landed: number;
  readonly conflicts: number;
  readonly nothing: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly octopuses: number;
  /** Of those that landed: what main has upstream. */
  readonly upstream: Readonly<Record<string, number>>;
  /** Commits that main had already. */
  readonly leftOut: number;
  readonly byCli: number;
  readonly mismatches: readonly Replayed[];
}

export function summaryOf({ name, replayed, octopuses }: Replay): Summary {
  const byWorkspace = replayed.filter(({ way }) => way === 'workspace');
  const equal = byWorkspace.filter((one) => one.differences.length === 0);
  const count = (outcome: Replayed['outcome']) => equal.filter((one) => one.outcome === outcome).length;
  return {
    name,
    merges: byWorkspace.length + octopuses.length,
    landed: count('landed'),
    conflicts: count('conflict'),
    nothing: count('nothing'),
    refused: tally(replayed.map(({ reason, way }) => reason && `${reason}${way === 'cli' ? ' (by land)' : ''}`)),
    octopuses: octopuses.length,
    upstream: tally(byWorkspace.map(({ upstream }) => upstream)),
    leftOut: byWorkspace.reduce((sum, one) => sum + one.leftOut, 0),
    byCli: replayed.length - byWorkspace.length,
    mismatches: replayed.filter((one) => one.differences.length > 0),
  };
}

function tally(words: readonly (string | null)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) if (word !== null) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

const HEADINGS =
  'repository | merges | landed as git | conflicts as git | nothing to land | refused | octopus | left out | by land | mismatches';

/** A table for people, and what differs below it. */
export function textOf(summaries: readonly Summary[]): string {
  const rows = summaries.map((one) => [
    one.name,
    one.merges,
    one.landed,
    one.conflicts,
    one.nothing,
    listed(one.refused),
    one.octopuses,
    one.leftOut,
    one.byCli,
    one.mismatches.length,
  ]);
  const columns = HEADINGS.split(' | ');
  const lines = [columns, columns.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  const upstream = summaries.map(
    ({ name, upstream: counts }) => `${name}: of what landed, beside upstream: ${listed(counts)}`,
  );
  return [...lines, '', ...upstream, ...summaries.flatMap(mismatchesOf)].join('\n');
}

function listed(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([word, times]) => `${times} ${word}`);
  return parts.length === 0 ? '0' : parts.join(', ');
}

function mismatchesOf({ name, mismatches }: Summary): readonly string[] {
  return mismatches.flatMap(({ merge, way, how, differences }) => [
    `${name}: merge ${merge.oid} of ${merge.heads.join(' ')} into ${merge.base}, by ${way}, beside git ${how}:`,
    ...differences.map((line) => `  ${line}`),
  ]);
}
