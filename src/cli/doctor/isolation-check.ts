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
import { loadAlerts } from '../../infrastructure/config/alerts/load-alerts';
import { loadProjects, secretPlaces } from '../../infrastructure/config/project/load-projects';
import { outOfSight } from '../../infrastructure/secrets/out-of-sight';
import { filesOf } from '../../infrastructure/secrets/secret-place';
import { NodeHasher } from '../../infrastructure/system/node-hasher';
import { OPERATOR_FOLDER } from '../../infrastructure/system/state-folder';
import { fail, ok, warn, type Finding } from './finding';
import type { CheckContext } from './check-context';

const NAME = 'isolation';
const OPERATORS = "the operator's secret";
const OWN_PROC: readonly IsolationLevel[] = ['L2-pidns', 'L3-both'];

/** Tries the levels as the service does at its start, in a folder that is gone afterwards. */
export async function checkIsolation({ config, projects, host }: CheckContext): Promise<Finding> {
  const treeKill = config === null || !('value' in config) || config.value.subprocessTreeKillEnabled;
  const stateDir = mkdtempSync(join(tmpdir(), 'stagegate-doctor-'));
  try {
    const operator = join(stateDir, OPERATOR_FOLDER);
    mkdirSync(operator);
    const secretFiles = secretFilesOf(config);
    const hidden = [operator, ...outOfSight(secretFiles)];
    const runner = createProcessRunner({ stateDir, worker: host.self, treeKill, hidden });
    const probed = await runner.probed();
    const own = secretFiles.length === 0 ? OPERATORS : `${OPERATORS} and the files with secrets`;
    return isolationFinding(probed, treeKill, 'value' in projects ? projects.value : [], own);
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
  own = OPERATORS,
): Finding {
  const raising = obstaclesOf(attempts).map(
    ({ levels, expected, seen, advice }) => `for ${levels.join(' and ')}: expected ${expected}, saw ${seen}; ${advice}`,
  );
  if (!treeKill)
    raising.unshift('STAGEGATE_SUBPROCESS_TREE_KILL_ENABLED: expected true, saw false; unset it to end whole runs');
  const seen = [level, ...openTo(level, hides, own)].join('; ');
  const unmet = projects.flatMap(({ policy }) => demandsOf(policy, level, treeKill));
  if (unmet.length > 0) return fail(NAME, seen, ...unmet, ...raising);
  return rankOf(level) >= rankOf('L2') ? ok(NAME, seen, raising) : warn(NAME, seen, ...raising);
}

/** What is the service's own and open to what it runs. */
function openTo(level: IsolationLevel, hides: Isolation['hides'], own: string): readonly string[] {
  if (!OWN_PROC.includes(level)) return [`a suite can read the environment of the service, and ${own}`];
  if (hides === 'nothing') return [`a suite can read ${own}`];
  return hides === 'for-good' ? [] : [`a suite runs as root, and can undo what hides ${own} from it`];
}

/** None where the file that names them cannot be read: another check says so. */
function secretFilesOf(config: CheckContext['config']): readonly string[] {
  if (config === null || !('value' in config)) return [];
  try {
    const { value } = config;
    return filesOf(secretPlaces(loadProjects(value, new NodeHasher()), loadAlerts(value.projectsFile)));
  } catch {
    return [];
  }
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
