import {
  DEFAULT_BACKOFF,
  DEFAULT_BUDGETS,
  type BackoffPolicy,
  type SuitePolicy,
} from '../../../domain/policy/project-policy';

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
export const AGENT_TIMEOUT_MS = 3_600_000;
/** Longer than most deploys take, and short enough that somebody is told the same day. */
export const DEPLOY_TIMEOUT_MS = 600_000;
/** Long enough for what shows itself under load, short enough that somebody still knows what was deployed. */
export const USUAL_MONITOR = { everyMs: 30_000, forMs: 600_000, timeoutMs: 10_000, failures: 3 } as const;
export const USUAL_SECURITY = { level: 'error', severity: 7, findings: 'new' } as const;
/** No floor: what a project has today is where it begins. */
export const USUAL_COVERAGE = { format: 'auto', floor: null, tolerance: 0.5, changedLines: 80, sources: [] } as const;
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
