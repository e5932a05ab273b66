import type { RepositoryRef } from '../../application/ports/git-workspace';
import type { LandingIdentity, ProjectPolicy } from '../../domain/policy/project-policy';
import { rowOf } from '../../domain/task/pipeline';
import { signWith } from '../../infrastructure/git/rebase/ssh-signature';
import { mainRefusal } from '../../application/repository-refusal';
import { foldersText } from '../../domain/task/words/folder-words';
import { loadProjects } from '../../infrastructure/config/project/load-projects';
import { loadServiceConfig } from '../../infrastructure/config/service-config';
import { inspectRepository } from '../../infrastructure/git/inspect';
import { gitObjection, gitVersion } from '../../infrastructure/git/command/git-version';
import { NodeHasher } from '../../infrastructure/system/node-hasher';
import { fail, NotLookedAt, ok, warn, type Finding } from './finding';
import { need, type CheckContext } from './check-context';

const HOW_TO_BEGIN =
  'to begin without a project file: stagegate demo shows everything on a sample, stagegate land <branch> --suite <command> lands one branch';

export async function checkConfiguration({ config }: CheckContext): Promise<Finding | readonly Finding[]> {
  if (config === null) return mistakeInVariables();
  if ('error' in config) return fail('configuration', 'not usable', lineOf(config.error));
  return ok('configuration', `state in ${config.value.stateDir}`);
}

/** `land` has no project file, and reads the same switches as the service. */
function mistakeInVariables(): Finding | readonly Finding[] {
  try {
    loadServiceConfig();
    return [];
  } catch (error) {
    return fail('configuration', 'not usable', lineOf(error));
  }
}

export async function checkProjectFile({ config, projects }: CheckContext): Promise<Finding | readonly Finding[]> {
  if (config === null) return [];
  const { projectsFile } = need(config);
  if ('error' in projects) return fail('project file', 'not usable', lineOf(projects.error), HOW_TO_BEGIN);
  const keys = projects.value.map(({ policy }) => policy.project);
  const all = loadProjects(need(config), new NodeHasher());
  const faults = keys.flatMap((key) => {
    const fault = all.fault(key);
    return fault ? [`${key} is set aside: ${fault.cause}; ${fault.remedy}`] : [];
  });
  if (faults.length > 0) return fail('project file', `${projectsFile}: ${keys.join(', ')}`, ...faults);
  const alone = projects.value.flatMap(({ policy }) => shadowsWithoutAgent(policy));
  if (alone.length > 0) return warn('project file', `${projectsFile}: ${keys.join(', ')}`, ...alone);
  return ok('project file', `${projectsFile}: ${keys.join(', ')}`);
}

/** A shadow runs beside an agent, so without one it never runs. */
function shadowsWithoutAgent({ project, shadow = [], agents }: ProjectPolicy): readonly string[] {
  return shadow.flatMap((stage) => {
    const { fallback } = rowOf(stage);
    if (fallback === null || agents[fallback]) return [];
    const key = stage === 'testing' ? 'testing.shadow' : 'staging.shadow';
    return [`${project}: expected agents.${fallback} beside ${key}, saw none; configure it, or take ${key} out`];
  });
}

/** One finding for each repository; `git` of its own accord never changes one that is only asked. */
export async function checkRepositories({ repo, projects }: CheckContext): Promise<readonly Finding[]> {
  if (gitObjection(await gitVersion()) !== null)
    throw new NotLookedAt('expected a git that can be asked, saw none; correct that first');
  const known: readonly Looked[] = 'value' in projects ? projects.value : [];
  if (repo === null) need(projects);
  const all =
    known.length > 0 || repo === null ? known : [{ repository: { project: 'repo', path: repo, main: 'main' } }];
  const findings: Finding[] = [];
  for (const each of all) findings.push(await checkRepository(repo === null ? each : asLandSees(each)));
  return findings;
}

/** What its user has fetched of submodules counts there. */
function asLandSees({ repository, ...rest }: Looked): Looked {
  const allowed = repository.submodules?.allowed ?? [];
  return { ...rest, repository: { ...repository, submodules: { allowed, includesOwn: true } } };
}

interface Looked {
  readonly repository: RepositoryRef;
  readonly policy?: LandingIdentity;
}

async function checkRepository({ repository, policy = {} }: Looked): Promise<Finding> {
  const { project, path, main } = repository;
  const name = `repository ${project}`;
  try {
    const facts = await inspectRepository(repository, main);
    const refused = mainRefusal(repository, facts);
    if (refused) return fail(name, path, `${project}: ${refused.text}`);
    if (policy.signingKey !== undefined) await signWith(policy.signingKey, new Uint8Array());
    const { emptyFolders } = facts;
    const empty = emptyFolders ? `; runs find ${foldersText(emptyFolders)} empty, as no source is allowed` : '';
    return ok(name, `${path}: ${main} at ${facts.mainOid?.slice(0, 12) ?? ''}${empty}`);
  } catch (error) {
    return fail(name, 'not to be read', lineOf(error));
  }
}

function lineOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
