import { isAbsolute } from 'node:path';
import type { RepositoryRef } from '../../../application/ports/git-workspace';
import type { Hasher } from '../../../application/ports/ids';
import type { Project } from '../../../application/projects';
import { A_BRANCH_NAME, A_PROJECT_KEY, isBranchName, isProjectKey } from '../../../domain/ids';
import { canonicalJson, type JsonValue } from '../../../domain/json';
import {
  DEFAULT_BACKOFF,
  DEFAULT_BREAKER,
  DEFAULT_BUDGETS,
  type AgentPolicy,
  type BackoffPolicy,
  type BreakerPolicy,
  type BudgetLimits,
  type CommandCheck,
  type CoveragePolicy,
  type DeployPolicy,
  type MonitorPolicy,
  type ImagePolicy,
  type ProjectPolicy,
  type ReportPolicy,
  type SecurityPolicy,
  type SuitePolicy,
  type UrlCheck,
} from '../../../domain/policy/project-policy';
import type { AgentRole } from '../../../domain/task/pipeline';
import { ConfigError, seen } from '../config-error';

/** Like `Partial`, and a field may also be there without a value. */
export type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What a project needs to be told; everything else has a default. */
export interface ProjectSettings extends Optional<
  Pick<
    ProjectPolicy,
    | 'main'
    | 'entryStages'
    | 'requiredGates'
    | 'onInfraExhausted'
    | 'onInconclusive'
    | 'committer'
    | 'signingKey'
    | 'submodules'
    | 'ci'
    | 'shadow'
    | 'regressionMarkers'
  >
> {
  readonly project: string;
  /** Absolute path of the target repository. */
  readonly repo: string;
  readonly staging: Optional<SuitePolicy> & Pick<SuitePolicy, 'suite'>;
  /** What is left out is as in `staging`. */
  readonly retest?: Optional<SuitePolicy> | undefined;
  /** The suite of stage testing; without it an agent or a person tests. */
  readonly testing?: (Optional<SuitePolicy> & Pick<SuitePolicy, 'suite'>) | undefined;
  readonly image?: ImageSettings | undefined;
  readonly security?: (ReportSettings & Optional<Pick<SecurityPolicy, 'level' | 'severity' | 'findings'>>) | undefined;
  readonly coverage?:
    | (ReportSettings & Optional<Pick<CoveragePolicy, 'format' | 'floor' | 'tolerance' | 'changedLines' | 'sources'>>)
    | undefined;
  /** Runs once a task has landed; without it nothing is deployed. */
  readonly deploy?: (Optional<DeployPolicy> & Pick<DeployPolicy, 'command'>) | undefined;
  /** Watches what was deployed; without it a task is done then. */
  readonly monitor?: MonitorSettings | undefined;
  readonly agents?:
    Readonly<Partial<Record<AgentRole, Optional<AgentPolicy> & Pick<AgentPolicy, 'command'>>>> | undefined;
  readonly budgets?: Optional<BudgetLimits> | undefined;
  readonly backoff?: Optional<BackoffPolicy> | undefined;
  readonly breaker?: Optional<BreakerPolicy> | undefined;
}

/** What is asked, and how often. */
export interface MonitorSettings extends Optional<Omit<MonitorPolicy, 'check'>> {
  readonly check: (Optional<CommandCheck> & Pick<CommandCheck, 'kind' | 'command'>) | UrlCheck;
}

/** What makes the image, where something does, and where it is. */
export interface ImageSettings extends Pick<ImagePolicy, 'source' | 'maxAgeMs'> {
  readonly run: (Optional<SuitePolicy> & Pick<SuitePolicy, 'suite'>) | null;
  readonly exitCodes?: readonly number[] | undefined;
}

/** A command that leaves a report. */
export interface ReportSettings {
  readonly run: Optional<SuitePolicy> & Pick<ReportPolicy['run'], 'suite' | 'witness'>;
  readonly exitCodes?: readonly number[] | undefined;
}

/** Defaults that the service's operator may set for all projects. */
export interface PolicyDefaults {
  readonly timeoutMs: number;
  /** Of the re-test, when neither its own nor the staging suite's limit is set. */
  readonly retestTimeoutMs: number;
  readonly graceMs: number;
  readonly infraRetries: number;
  readonly backoff: BackoffPolicy;
  readonly minIsolation: SuitePolicy['minIsolation'];
}

export const BUILT_IN_DEFAULTS: PolicyDefaults = Object.freeze({
  timeoutMs: 900_000,
  retestTimeoutMs: 900_000,
  graceMs: 10_000,
  infraRetries: DEFAULT_BUDGETS.infra,
  backoff: DEFAULT_BACKOFF,
  // Below it, what leaves the process group outlives its run.
  minIsolation: 'L1',
});

/** An agent thinks longer than a suite runs. */
const AGENT_TIMEOUT_MS = 3_600_000;
/** Longer than most deploys take, and short enough that somebody is told the same day. */
const DEPLOY_TIMEOUT_MS = 600_000;
/** Long enough for what shows itself under load, short enough that somebody still knows what was deployed. */
export const USUAL_MONITOR = { everyMs: 30_000, forMs: 600_000, timeoutMs: 10_000, failures: 3 } as const;
/** What tools commonly need to work at all, and no secrets. */
export const DEFAULT_SUITE_ENV: readonly string[] = [
  'CI',
  'HOME',
  'LANG',
  'LC_ALL',
  'LOGNAME',
  'PATH',
  'SHELL',
  'TMPDIR',
  'TZ',
  'USER',
];

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
  const staging = suiteOf(settings.staging, { ...suiteDefaults(defaults), suite: settings.staging.suite });
  // The suite's own limit, when somebody set one, fits its re-test better than a limit for all projects.
  const retestTimeoutMs = settings.staging.timeoutMs ?? defaults.retestTimeoutMs;
  return {
    project: settings.project,
    repo: settings.repo,
    main,
    entryStages: settings.entryStages ?? ['created'],
    staging,
    retest: suiteOf(settings.retest ?? {}, { ...ofRetest(staging), timeoutMs: retestTimeoutMs }),
    agents: agentsOf(settings.agents ?? {}, defaults),
    requiredGates: settings.requiredGates ?? [],
    budgets: { ...DEFAULT_BUDGETS, infra: defaults.infraRetries, ...present(settings.budgets ?? {}) },
    backoff: backoffOf(settings, defaults.backoff),
    onInfraExhausted: settings.onInfraExhausted ?? 'hold',
    // Left out where nobody has set them, as in the policies that were recorded before they were there.
    ...present({
      testing:
        settings.testing && suiteOf(settings.testing, { ...suiteDefaults(defaults), suite: settings.testing.suite }),
      shadow: settings.shadow?.length ? settings.shadow : undefined,
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
      breaker: settings.breaker && { ...DEFAULT_BREAKER, ...present(settings.breaker) },
      regressionMarkers: settings.regressionMarkers,
    }),
  };
}

const USUAL_SECURITY = { level: 'error', severity: 7, findings: 'new' } as const;

function securityOf(settings: NonNullable<ProjectSettings['security']>, defaults: PolicyDefaults): SecurityPolicy {
  const { run, exitCodes, ...asked } = settings;
  return { ...reportOf({ run, exitCodes }, defaults), ...USUAL_SECURITY, ...present(asked) };
}

/** No floor: what a project has today is where it begins. */
const USUAL_COVERAGE = { format: 'auto', floor: null, tolerance: 0.5, changedLines: 80, sources: [] } as const;

function coverageOf(settings: NonNullable<ProjectSettings['coverage']>, defaults: PolicyDefaults): CoveragePolicy {
  const { run, exitCodes, ...asked } = settings;
  return { ...reportOf({ run, exitCodes }, defaults), ...USUAL_COVERAGE, ...present(asked) };
}

function imageOf({ run, exitCodes = [0], ...looked }: ImageSettings, defaults: PolicyDefaults): ImagePolicy {
  return { run: run && suiteOf(run, { ...suiteDefaults(defaults), suite: run.suite }), exitCodes, ...looked };
}

function reportOf({ run, exitCodes = [0] }: ReportSettings, defaults: PolicyDefaults): ReportPolicy {
  const { witness } = run;
  return { run: { ...suiteOf(run, { ...suiteDefaults(defaults), suite: run.suite }), witness }, exitCodes };
}

/** Whether its reds are confirmed is not for the suite to say. */
function ofRetest(staging: SuitePolicy): SuitePolicy {
  const { confirmRed, ...retest } = staging;
  return confirmRed ? retest : staging;
}

function suiteDefaults({ timeoutMs, graceMs, minIsolation }: PolicyDefaults): Omit<SuitePolicy, 'suite'> {
  return {
    setup: null,
    timeoutMs,
    graceMs,
    witness: null,
    minIsolation,
    env: DEFAULT_SUITE_ENV,
    checkoutDepth: 'full',
  };
}

function suiteOf(settings: Optional<SuitePolicy>, { isMinIsolationNamed, ...rest }: SuitePolicy): SuitePolicy {
  const { minIsolation } = settings;
  const isNamed = minIsolation === undefined ? isMinIsolationNamed : minIsolation !== 'none';
  return { ...rest, ...present(settings), ...(isNamed ? { isMinIsolationNamed: true } : {}) };
}

function deployOf(
  settings: NonNullable<ProjectSettings['deploy']>,
  { graceMs }: PolicyDefaults,
): NonNullable<ProjectPolicy['deploy']> {
  return { timeoutMs: DEPLOY_TIMEOUT_MS, graceMs, env: DEFAULT_SUITE_ENV, ...present(settings) };
}

function monitorOf({ check, ...rest }: MonitorSettings, { graceMs }: PolicyDefaults): MonitorPolicy {
  const asked = check.kind === 'url' ? check : { graceMs, env: DEFAULT_SUITE_ENV, ...present(check) };
  return { ...USUAL_MONITOR, ...present(rest), check: asked };
}

function agentsOf(agents: NonNullable<ProjectSettings['agents']>, defaults: PolicyDefaults): ProjectPolicy['agents'] {
  const rest = { timeoutMs: AGENT_TIMEOUT_MS, graceMs: defaults.graceMs };
  return Object.fromEntries(Object.entries(agents).map(([role, agent]) => [role, { ...rest, ...present(agent) }]));
}

function backoffOf({ project, backoff = {} }: ProjectSettings, defaults: BackoffPolicy): BackoffPolicy {
  const { baseMs, maxMs } = { ...defaults, ...present(backoff) };
  if (baseMs > maxMs) throw invalid(`${project}: backoff`, `a base of at most ${maxMs} ms, its max`, `${baseMs} ms`);
  return { baseMs, maxMs };
}

/** The fields that have a value, so that spreading them does not hide a default. */
function present<T extends object>(settings: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function invalid(what: string, expected: string, value: string): ConfigError {
  return new ConfigError(`${what}: expected ${expected}, saw ${seen(value)}; correct it`);
}
