import { basename, join } from 'node:path';
import type { Project } from '../../application/projects';
import type { RepositoryFacts, RepositoryRef, SubmoduleSources } from '../../application/ports/git-workspace';
import { repositoryRefusal } from '../../application/repository-refusal';
import { inspectRepository } from '../../infrastructure/git/inspect';
import { changesAhead } from '../../infrastructure/git/work-tree/changes-ahead';
import { buildProject } from '../../infrastructure/config/project/build-project';
import type { PolicyDefaults } from '../../infrastructure/config/project/policy-defaults';
import type { ProjectSettings } from '../../infrastructure/config/project/project-settings';
import { durationMs } from '../../infrastructure/config/values/duration';
import { NodeHasher } from '../../infrastructure/system/node-hasher';
import { A_BRANCH_NAME, isBranchName } from '../../domain/ids';
import type { LandingIdentity, SubmoduleSource } from '../../domain/policy/project-policy';
import { localPath } from '../local-path';
import { UserError } from '../user-error';
import { cachePolicy, type CacheFlags } from './land-cache';
import { landingIdentity, type IdentityFlags } from './land-identity';
import { submoduleSource } from './land-submodules';
import { quoted } from '../../application/secrets';

export interface LandOptions extends IdentityFlags, CacheFlags {
  readonly repo: string;
  readonly main: string;
  readonly suite: string;
  readonly setup?: string;
  /** What is left out here is as the environment says, as for projects of the service. */
  readonly timeout?: string;
  readonly infraRetries?: string;
  readonly backoff?: string;
  /** Commits of history in the clone of a run, or `full`. */
  readonly checkoutDepth?: string;
  readonly newLog?: boolean;
  /** `<url>=<path>`, for each source. */
  readonly submodule?: readonly string[];
  /** Fetch what main follows, and land on that. */
  readonly fetch?: boolean;
}

export interface LandTarget {
  readonly project: Project;
  readonly stateDir: string;
  readonly branch: string;
  readonly headOid: string;
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/** Who asks names it by this. */
const NAMED_BY = { branch: 'branch', main: '--main', repository: '--repo' } as const;

/** Looks at everything a person may have got wrong, before anything is written. */
export async function landTarget(branch: string, options: LandOptions, defaults: PolicyDefaults): Promise<LandTarget> {
  if (!isBranchName(branch)) {
    throw new UserError(`branch: expected ${A_BRANCH_NAME}, saw ${quoted(branch)}; rename it`);
  }
  const allowed = (options.submodule ?? []).map(submoduleSource);
  // The clone's own are there because its user has fetched them.
  const submodules = { allowed, includesOwn: true };
  if (!isBranchName(options.main)) {
    throw new UserError(`--main: expected ${A_BRANCH_NAME}, saw ${quoted(options.main)}; name a branch`);
  }
  const repository = { project: 'repo', path: localPath('--repo', options.repo), main: options.main, submodules };
  const facts = await inspectRepository(repository, branch);
  const refused = repositoryRefusal(repository, branch, facts);
  if (refused) throw new UserError(`${NAMED_BY[refused.about]}: ${refused.text}`);
  return {
    // From a subfolder or another work tree it is the same repository, so it is the same project with the same lane.
    project: withSubmodules(
      projectOf(
        projectKey(facts.gitDir),
        facts.gitDir,
        { ...options, allowed },
        await landingIdentity(options),
        defaults,
      ),
      submodules,
    ),
    stateDir: join(facts.gitDir, 'stagegate'),
    branch,
    headOid: facts.branchOid ?? '',
    warnings: [...warningsAbout(branch, facts), ...(await warningsAhead(repository, branch, facts))],
    notes: notesAbout(options.main, facts),
  };
}

function withSubmodules(project: Project, submodules: SubmoduleSources): Project {
  return { ...project, repository: { ...project.repository, submodules } };
}

function warningsAbout(branch: string, { branchDirtyAt }: RepositoryFacts): readonly string[] {
  if (branchDirtyAt === null) return [];
  return [`${branch} has uncommitted changes at ${branchDirtyAt}; what is committed is what lands`];
}

/** Said before a suite of an hour, and not after it. */
async function warningsAhead(
  repository: RepositoryRef,
  branch: string,
  { mainCheckedOutAt }: RepositoryFacts,
): Promise<readonly string[]> {
  if (mainCheckedOutAt === null) return [];
  const names = await changesAhead(repository, branch);
  return names === null
    ? []
    : [
        `${names}: changed where ${repository.main} is checked out, and in the way of ${branch}; commit, stash or move it`,
      ];
}

function notesAbout(main: string, { mainCheckedOutAt }: RepositoryFacts): readonly string[] {
  if (mainCheckedOutAt === null) return [];
  return [`${main} is checked out at ${mainCheckedOutAt}; the files there follow the landing`];
}

/** A project key from the folder's name: `web` for /srv/web.git and for /home/ann/web/.git alike. */
function projectKey(path: string): string {
  const name = basename(path).replace(/\.git$/, '') || basename(join(path, '..'));
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40) || 'repo'
  );
}

/** Whatever isolation the machine has will do: somebody is there, has chosen the suite, and sees the level in its artifact. */
function projectOf(
  key: string,
  path: string,
  options: LandOptions & { readonly allowed: readonly SubmoduleSource[] },
  identity: LandingIdentity,
  defaults: PolicyDefaults,
): Project {
  const { main, suite, setup, allowed } = options;
  const timeoutMs = duration('--timeout', options.timeout);
  const baseMs = duration('--backoff', options.backoff) ?? defaults.backoff.baseMs;
  const settings: ProjectSettings = {
    project: key,
    repo: path,
    main,
    entryStages: ['deploy-staging'],
    staging: {
      suite,
      setup: setup ?? null,
      timeoutMs,
      minIsolation: 'none',
      checkoutDepth: depthOf(options.checkoutDepth),
      cache: cachePolicy(options),
    },
    budgets: { infra: count('--infra-retries', options.infraRetries) },
    backoff: { baseMs, maxMs: Math.max(baseMs, defaults.backoff.maxMs) },
    ...identity,
    ...(allowed.length === 0 ? {} : { submodules: allowed }),
  };
  return buildProject(new NodeHasher(), settings, defaults);
}

function duration(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = durationMs(text);
  if (ms === null || ms <= 0)
    throw new UserError(`${flag}: expected a duration like 900s, 10m or 500ms, saw ${quoted(text)}`);
  return ms;
}

function depthOf(text: string | undefined): 'full' | number | undefined {
  if (text === undefined || text === 'full') return text;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UserError(`--checkout-depth: expected full or a number of commits from 1 to 999999, saw ${quoted(text)}`);
}

function count(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,3}$/.test(text))
    throw new UserError(`${flag}: expected a whole number from 0 to 999, saw ${quoted(text)}`);
  return Number(text);
}
