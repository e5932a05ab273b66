import type { Mutant } from './mutant';

export const BREAKER: readonly Mutant[] = [
  {
    name: 'a paused lane is granted before its time',
    caughtBy: ['I44'],
    file: 'src/domain/lane/pause.ts',
    find: 'return probe === null && isWaitOver({ since: restsSince, until: probeAt }, now);',
    replace: 'return probe === null && isWaitOver({ since: restsSince, until: restsSince + probeAt.slice(99) }, now);',
  },
  {
    name: 'a probe that fails makes the next one wait for days',
    from: 40,
    caughtBy: ['I7'],
    file: 'src/domain/lane/breaker.ts',
    find: 'return Math.min(2 * lastMs, LONGEST_COOLDOWN * cooldownMs);',
    replace: 'return Math.max(2 * lastMs, 10_000 * cooldownMs);',
  },
  {
    name: 'a probe that fails resumes the lane',
    caughtBy: ['I44'],
    file: 'src/domain/lane/pause.ts',
    find: "if (outcome !== 'infra') {",
    replace: "if (outcome === 'infra') {",
  },
  {
    name: 'a red counts as a failure of the machine',
    caughtBy: ['I44'],
    file: 'src/domain/task/changes/lane-run.ts',
    find: "return data.outcome === 'inconclusive' ? null : 'judged';",
    replace: "return data.outcome === 'inconclusive' ? null : 'infra';",
  },
  {
    name: 'one task that hangs its suite pauses the lane for all',
    caughtBy: ['I44'],
    file: 'src/domain/lane/breaker.ts',
    find: 'recent.length < minRuns || figures.tasks < TASKS_NEEDED',
    replace: 'recent.length < minRuns || figures.tasks < 1',
  },
  {
    name: 'a probe that fails spends a retry of its task',
    caughtBy: ['I44'],
    file: 'src/domain/task/decide/infra-failure.ts',
    find: 'return needsLane(job) && (surroundings.lane.pause ?? null) !== null;',
    replace: "return needsLane(job) && (surroundings.lane.pause ?? null) !== null && job.kind === 'landing';",
  },
];
