import type {
  CoveragePolicy,
  ImagePolicy,
  JudgePolicy,
  MonitorPolicy,
  ProjectPolicy,
  ReportPolicy,
  SecurityPolicy,
  SuitePolicy,
} from '../../../domain/policy/project-policy';
import {
  AGENT_TIMEOUT_MS,
  DEFAULT_SUITE_ENV,
  DEPLOY_TIMEOUT_MS,
  USUAL_COVERAGE,
  USUAL_MONITOR,
  USUAL_SECURITY,
  type PolicyDefaults,
} from './policy-defaults';
import type {
  ImageSettings,
  MonitorSettings,
  Optional,
  OwnSuite,
  ProjectSettings,
  ReportSettings,
} from './project-settings';

/** A suite that has nothing of another one. */
export function ownSuite(settings: OwnSuite, defaults: PolicyDefaults): SuitePolicy {
  return suiteOf(settings, { ...suiteDefaults(defaults), suite: settings.suite });
}

/** What is left out is as in `staging`. */
export function retestOf(settings: Optional<SuitePolicy>, staging: SuitePolicy, timeoutMs: number): SuitePolicy {
  return suiteOf(settings, { ...ofRetest(staging), timeoutMs });
}

export function securityOf(
  settings: NonNullable<ProjectSettings['security']>,
  defaults: PolicyDefaults,
): SecurityPolicy {
  const { run, exitCodes, ...asked } = settings;
  return { ...reportOf({ run, exitCodes }, defaults), ...USUAL_SECURITY, ...present(asked) };
}

export function coverageOf(
  settings: NonNullable<ProjectSettings['coverage']>,
  defaults: PolicyDefaults,
): CoveragePolicy {
  const { run, exitCodes, ...asked } = settings;
  return { ...reportOf({ run, exitCodes }, defaults), ...USUAL_COVERAGE, ...present(asked) };
}

export function imageOf({ run, exitCodes = [0], ...looked }: ImageSettings, defaults: PolicyDefaults): ImagePolicy {
  return { run: run && ownSuite(run, defaults), exitCodes, ...looked };
}

/** What judges by main's tests is what has judged by the branch's: the same suite, set-up and environment. */
export function judgeOf(
  { run, timeoutMs, paths = [], ignore = [], protect = [] }: NonNullable<ProjectSettings['judge']>,
  retest: SuitePolicy,
): JudgePolicy {
  const suite = { ...retest, ...present({ timeoutMs }) };
  return { run: run === 'main-tests' ? suite : null, exitCodes: [0], paths, ignore, protect };
}

export function deployOf(
  settings: NonNullable<ProjectSettings['deploy']>,
  { graceMs }: PolicyDefaults,
): NonNullable<ProjectPolicy['deploy']> {
  return { timeoutMs: DEPLOY_TIMEOUT_MS, graceMs, env: DEFAULT_SUITE_ENV, ...present(settings) };
}

export function monitorOf({ check, ...rest }: MonitorSettings, { graceMs }: PolicyDefaults): MonitorPolicy {
  const asked = check.kind === 'url' ? check : { graceMs, env: DEFAULT_SUITE_ENV, ...present(check) };
  return { ...USUAL_MONITOR, ...present(rest), check: asked };
}

export function agentsOf(
  agents: NonNullable<ProjectSettings['agents']>,
  defaults: PolicyDefaults,
): ProjectPolicy['agents'] {
  const rest = { timeoutMs: AGENT_TIMEOUT_MS, graceMs: defaults.graceMs };
  return Object.fromEntries(Object.entries(agents).map(([role, agent]) => [role, { ...rest, ...present(agent) }]));
}

/** The fields that have a value, so that spreading them does not hide a default. */
export function present<T extends object>(settings: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function reportOf({ run, exitCodes = [0] }: ReportSettings, defaults: PolicyDefaults): ReportPolicy {
  const { witness } = run;
  return { run: { ...ownSuite(run, defaults), witness }, exitCodes };
}

/** Whether its reds are confirmed is not for the suite to say. */
function ofRetest(staging: SuitePolicy): SuitePolicy {
  const { confirmRed, ...retest } = staging;
  return confirmRed ? retest : staging;
}

function suiteOf(settings: Optional<SuitePolicy>, { isMinIsolationNamed, ...rest }: SuitePolicy): SuitePolicy {
  const { minIsolation } = settings;
  const isNamed = minIsolation === undefined ? isMinIsolationNamed : minIsolation !== 'none';
  return { ...rest, ...present(settings), ...(isNamed ? { isMinIsolationNamed: true } : {}) };
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
