import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IsolationLevel } from '../../application/ports/process-runner';
import type { Project } from '../../application/projects';
import { suitesOf } from '../../domain/policy/commands';
import { demandedIsolation } from '../../domain/policy/project-policy';
import { createProcessRunner } from '../../infrastructure/processes/create-process-runner';
import type { Isolation } from '../../infrastructure/processes/isolation/isolation';
import type { Probed } from '../../infrastructure/processes/isolation/probe';
import { obstaclesOf } from '../../infrastructure/processes/isolation/raising-isolation';
import { OPERATOR_FOLDER } from '../../infrastructure/system/state-folder';
import { fail, ok, warn, type Finding } from './finding';
import type { CheckContext } from './check-context';

const NAME = 'isolation';
const OWN_PROC: readonly IsolationLevel[] = ['L2-pidns', 'L3-both'];

/** Tries the levels as the service does at its start, in a folder that is gone afterwards. */
export async function checkIsolation({ config, projects, host }: CheckContext): Promise<Finding> {
  const treeKill = config === null || !('value' in config) || config.value.subprocessTreeKillEnabled;
  const stateDir = mkdtempSync(join(tmpdir(), 'stagegate-doctor-'));
  try {
    const operator = join(stateDir, OPERATOR_FOLDER);
    mkdirSync(operator);
    const runner = createProcessRunner({ stateDir, worker: host.self, treeKill, hidden: [operator] });
    const probed = await runner.probed();
    return isolationFinding(probed, treeKill, 'value' in projects ? projects.value : []);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

export function isolationFinding(
  {
    isolation: { level, hides },
    attempts,
  }: Pick<Probed, 'attempts'> & {
    readonly isolation: Pick<Isolation, 'level' | 'hides'>;
  },
  treeKill: boolean,
  projects: readonly Project[],
): Finding {
  const raising = obstaclesOf(attempts).map(
    ({ levels, expected, seen, advice }) => `for ${levels.join(' and ')}: expected ${expected}, saw ${seen}; ${advice}`,
  );
  if (!treeKill)
    raising.unshift('STAGEGATE_SUBPROCESS_TREE_KILL_ENABLED: expected true, saw false; unset it to end whole runs');
  const seen = [level, ...openTo(level, hides)].join('; ');
  const unmet = projects.flatMap(({ policy }) => demandsOf(policy, level, treeKill));
  if (unmet.length > 0) return fail(NAME, seen, ...unmet, ...raising);
  return rankOf(level) >= rankOf('L2') ? ok(NAME, seen, raising) : warn(NAME, seen, ...raising);
}

/** What is the service's own and open to what it runs. */
function openTo(level: IsolationLevel, hides: Isolation['hides']): readonly string[] {
  if (!OWN_PROC.includes(level)) return ["a suite can read the environment of the service, and the operator's secret"];
  if (hides === 'nothing') return ["a suite can read the operator's secret"];
  return hides === 'for-good' ? [] : ["a suite runs as root, and can undo what hides the operator's secret from it"];
}

/** Lines about what a project demands and does not get. */
function demandsOf(policy: Project['policy'], level: IsolationLevel, treeKill: boolean): readonly string[] {
  const { project } = policy;
  const demanded = suitesOf(policy).map(([, suite]) => demandedIsolation(suite, treeKill));
  const highest = demanded.sort((a, b) => rankOf(b) - rankOf(a))[0] ?? 'none';
  if (rankOf(level) >= rankOf(highest)) return [];
  return [`projects.${project}.minIsolation: expected ${highest} or better, saw ${level}; raise the level or lower it`];
}

/** `none` is below L0. */
function rankOf(level: string): number {
  return level === 'none' ? -1 : Number(level[1]);
}
