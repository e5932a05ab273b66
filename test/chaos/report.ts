import type { ChaosOptions } from './options';
import type { ChaosResult } from './run-chaos';

/** Violations printed of one kind; all are in the evidence. */
const SHOWN = 10;

/** One table of what was done and what came of it; then what is broken, and how to see it again. */
export function report(options: ChaosOptions, result: ChaosResult): string {
  const { faults, counts, broken, held, evidence } = result;
  const rows: [string, string | number][] = [
    ['replicas killed (-9)', `${faults.kill}, ${result.starts} starts`],
    ['servers killed (-9)', faults['postmaster-kill']],
    ['replicas stopped and let go on', `${faults.pause}, longer than a claim: ${faults['long-pause']}`],
    ['servers stopped; connections cut', `${faults['server-pause']}; ${faults.cut}`],
    ['tasks submitted', result.submitted],
    ['requests', `${result.acknowledged} acknowledged, ${result.refused} refused, ${result.unanswered} unanswered`],
    ['events', result.events],
    ...Object.entries(counts),
    ['seconds of faults; until rest', `${result.faultSeconds.toFixed(0)}; ${result.restSeconds.toFixed(0)}`],
    ['held, with a used-up budget', held.length],
    ...Object.entries(broken).map(([what, list]): [string, number] => [what, list.length]),
  ];
  const width = Math.max(...rows.map(([what]) => what.length));
  const lines = rows.map(([what, value]) => `${what.padEnd(width)}  ${value}`);
  return [...lines, ...held.map((text) => `held: ${text}`), ...verdict(options, broken, evidence)].join('\n');
}

function verdict(
  { seed, seconds, kills, postmasterKills, replicas }: ChaosOptions,
  broken: ChaosResult['broken'],
  evidence: string | null,
): readonly string[] {
  if (evidence === null) return ['everything that is promised holds'];
  const told = Object.entries(broken).flatMap(([what, list]) => list.slice(0, SHOWN).map((text) => `${what}: ${text}`));
  const again = `--seed ${seed} --seconds ${seconds} --kills ${kills} --postmaster-kills ${postmasterKills} --replicas ${replicas}`;
  return [...told, `evidence: ${evidence}`, `the same faults again: npm run chaos -- ${again}`];
}
