import { isAbsolute } from 'node:path';
import type { RepositoryRef } from '../../../application/ports/git-workspace';
import type { Hasher } from '../../../application/ports/ids';
import type { Project } from '../../../application/projects';
import { A_BRANCH_NAME, A_PROJECT_KEY, isBranchName, isProjectKey } from '../../../domain/ids';
import { canonicalJson, type JsonValue } from '../../../domain/json';
import {
  DEFAULT_BREAKER,
  DEFAULT_BUDGETS,
  type BackoffPolicy,
  type ProjectPolicy,
} from '../../../domain/policy/project-policy';
import { ConfigError, seen } from '../config-error';
import {
  agentsOf,
  coverageOf,
  deployOf,
  imageOf,
  judgeOf,
  monitorOf,
  ownSuite,
  present,
  retestOf,
  securityOf,
} from './policy-blocks';
import { BUILT_IN_DEFAULTS, type PolicyDefaults } from './policy-defaults';
import type { ProjectSettings } from './project-settings';

/** Completes a project's settings, and gives them the digest that verdicts cite. */
export function buildProject(
  hasher: Hasher,
  settings: ProjectSettings,
  defaults: PolicyDefaults = BUILT_IN_DEFAULTS,
): Project {
  const { project, repo } = settings;
  const main = settings.main ?? 'main';
  if (!isProjectKey(project)) throw invalid('project key', A_PROJECT_KEY, project);
  if (!isAbsolute(repo)) throw invalid(`${project}: repo`, 'an absolute path', repo);
  if (!isBranchName(main)) throw invalid(`${project}: main`, A_BRANCH_NAME, main);
  const policy = policyOf(settings, main, defaults);
  const policyDigest = hasher.sha256(canonicalJson(policy as unknown as JsonValue));
  return { policy, policyDigest, repository: repositoryOf(policy) };
}

export function repositoryOf({ project, repo: path, main, submodules: allowed }: ProjectPolicy): RepositoryRef {
  return { project, path, main, ...(allowed ? { submodules: { allowed, includesOwn: false } } : {}) };
}

function policyOf(settings: ProjectSettings, main: string, defaults: PolicyDefaults): ProjectPolicy {
  const staging = ownSuite(settings.staging, defaults);
  // The suite's own limit, when somebody set one, fits its re-test better than a limit for all projects.
  const retestTimeoutMs = settings.staging.timeoutMs ?? defaults.retestTimeoutMs;
  const retest = retestOf(settings.retest ?? {}, staging, retestTimeoutMs);
  return {
    project: settings.project,
    repo: settings.repo,
    main,
    entryStages: settings.entryStages ?? ['created'],
    staging,
    retest,
    agents: agentsOf(settings.agents ?? {}, defaults),
    requiredGates: settings.requiredGates ?? [],
    budgets: { ...DEFAULT_BUDGETS, infra: defaults.infraRetries, ...present(settings.budgets ?? {}) },
    backoff: backoffOf(settings, defaults.backoff),
    onInfraExhausted: settings.onInfraExhausted ?? 'hold',
    // Left out where nobody has set them, as in the policies that were recorded before they were there.
    ...present({
      testing: settings.testing && ownSuite(settings.testing, defaults),
      shadow: settings.shadow?.length ? settings.shadow : undefined,
      judge: settings.judge && judgeOf(settings.judge, retest),
      security: settings.security && securityOf(settings.security, defaults),
      coverage: settings.coverage && coverageOf(settings.coverage, defaults),
      image: settings.image && imageOf(settings.image, defaults),
      deploy: settings.deploy && deployOf(settings.deploy, defaults),
      monitor: settings.monitor && monitorOf(settings.monitor, defaults),
      committer: settings.committer,
      signingKey: settings.signingKey,
      submodules: settings.submodules,
      ci: settings.ci,
      onInconclusive: settings.onInconclusive,
      onSilentRevert: settings.onSilentRevert,
      revertWindow: settings.revertWindow,
      breaker: settings.breaker && { ...DEFAULT_BREAKER, ...present(settings.breaker) },
      regressionMarkers: settings.regressionMarkers,
    }),
  };
}

function backoffOf({ project, backoff = {} }: ProjectSettings, defaults: BackoffPolicy): BackoffPolicy {
  const { baseMs, maxMs } = { ...defaults, ...present(backoff) };
  if (baseMs > maxMs) throw invalid(`${project}: backoff`, `a base of at most ${maxMs} ms, its max`, `${baseMs} ms`);
  return { baseMs, maxMs };
}

function invalid(what: string, expected: string, value: string): ConfigError {
  return new ConfigError(`${what}: expected ${expected}, saw ${seen(value)}; correct it`);
}
