import type { Isolation } from '../../src/infrastructure/processes/isolation/isolation';
import { candidates, type Candidate } from '../../src/infrastructure/processes/isolation/probe';
import { ProcScanner } from '../../src/infrastructure/processes/proc/proc-scan';
import { ProcessYard } from './process-yard';

export interface UsableLevel {
  readonly level: Isolation['level'];
  readonly isolation: (scanner: ProcScanner) => Isolation;
}

/** Levels of this machine that a real command runs under, strongest first; the others are named with the reason. */
export async function usableLevels(): Promise<{ usable: readonly UsableLevel[]; others: readonly string[] }> {
  const usable: UsableLevel[] = [];
  const others: string[] = [];
  for (const candidate of await candidates({ scanner: new ProcScanner(), path: process.env['PATH'] })) {
    const { level } = candidate;
    if (usable.some((found) => found.level === level)) continue;
    const obstacle = 'obstacle' in candidate ? candidate.obstacle : await objection(candidate);
    if (obstacle === '') usable.push({ level, isolation: () => candidate as Isolation });
    else others.push(`${level}: ${obstacle}`);
  }
  return { usable, others };
}

async function objection(isolation: Exclude<Candidate, { obstacle: string }>): Promise<string> {
  const yard = new ProcessYard({ isolation: () => isolation });
  try {
    const run = await yard.run('exit 42');
    if (run.kind === 'executed') return run.exitCode === 42 ? '' : `exit code ${run.exitCode}`;
    return `${run.reason}: ${run.evidence.join('; ')}`;
  } finally {
    yard.close();
  }
}

/** Says that the machine or the user cannot show a rule, so that nobody takes silence for proof. */
export function announceUntested(what: string): void {
  process.stderr.write(`not tested here: ${what}\n`);
}
