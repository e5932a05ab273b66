import type { SoakOptions } from './options';
import type { SoakResult } from './run-soak';

/** Violations printed of one kind; all are in the evidence. */
const SHOWN = 10;

export function report({ seed, seconds, replicas }: SoakOptions, result: SoakResult): string {
  const { counts, memory, stopSeconds, broken, evidence } = result;
  const rows: [string, string | number][] = [
    ...Object.entries(counts),
    ...memory.map(({ replica, early, late, most }): [string, string] => [
      `memory of ${replica}, MB`,
      `${early.toFixed(0)} early, ${late.toFixed(0)} late, at most ${most.toFixed(0)}`,
    ]),
    ['seconds to stop', stopSeconds.map((value) => value.toFixed(1)).join(', ')],
    ...Object.entries(broken).map(([what, list]): [string, number] => [what, list.length]),
  ];
  const width = Math.max(...rows.map(([what]) => what.length));
  const table = rows.map(([what, value]) => `${what.padEnd(width)}  ${value}`);
  if (evidence === null) return [...table, 'everything that is promised holds'].join('\n');
  const told = Object.entries(broken).flatMap(([what, list]) => list.slice(0, SHOWN).map((text) => `${what}: ${text}`));
  const again = `npm run soak -- --seed ${seed} --seconds ${seconds} --replicas ${replicas}`;
  return [...table, ...told, `evidence: ${evidence}`, `again: ${again}`].join('\n');
}
