import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IsolationLevel } from '../../application/ports/process-runner';
import type { Project } from '../../application/projects';
import { createProcessRunner } from '../../infrastructure/processes/create-process-runner';
import type { Probed } from '../../infrastructure/processes/isolation/probe';
import { obstaclesOf } from '../../infrastructure/processes/isolation/raising-isolation';
import { fail, ok, warn, type Finding } from './finding';
import type { CheckContext } from './check-context';

const NAME = 'isolation';
const OWN_PROC: readonly IsolationLevel[] = ['L2-pidns', 'L3-both'];

/** Tries the levels as the service does at its start, in a folder that is gone afterwards. */
export async function checkIsolation({ config, projects, host }: CheckContext): Promise<Finding> {
  const treeKill = config === null || !('value' in config) || config.value.subprocessTreeKillEnabled;
  const stateDir = mkdtempSync(join(tmpdir(), 'stagegate-doctor-'));
  try {
    const probed = await createProcessRunner({ stateDir, worker: host.self, treeKill }).probed();
    return isolationFinding(probed, treeKill, 'value' in projects ? projects.value : []);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

export function isolationFinding(
  { isolation: { level }, attempts }: Pick<Probed, 'attempts'> & { readonly isolation: { level: IsolationLevel } },
  treeKill: boolean,
  projects: readonly Project[],
): Finding {
  const raising = obstaclesOf(attempts).map(
    ({ levels, expected, seen, advice }) => `for ${levels.join(' and ')}: expected ${expected}, saw ${seen}; ${advice}`,
  );
  if (!treeKill)
    raising.unshift('STAGEGATE_SUBPROCESS_TREE_KILL_ENABLED: expected true, saw false; unset it to end whole runs');
  const seen = OWN_PROC.includes(level) ? level : `${level}; a suite can read the environment of the service`;
  const unmet = projects.flatMap(({ policy }) => demandsOf(policy, level));
  if (unmet.length > 0) return fail(NAME, seen, ...unmet, ...raising);
  return rankOf(level) >= rankOf('L2') ? ok(NAME, seen, raising) : warn(NAME, seen, ...raising);
}

/** Lines about what a project demands and does not get. */
function demandsOf({ project, staging, retest }: Project['policy'], level: IsolationLevel): readonly string[] {
  const highest = [staging.minIsolation, retest.minIsolation].sort((a, b) => rankOf(b) - rankOf(a))[0] ?? 'none';
  if (rankOf(level) >= rankOf(highest)) return [];
  return [`projects.${project}.minIsolation: expected ${highest} or better, saw ${level}; raise the level or lower it`];
}

/** `none` is below L0. */
function rankOf(level: string): number {
  return level === 'none' ? -1 : Number(level[1]);
}
