import type { DeployPolicy, MeasuringPolicy, MonitorPolicy, SuitePolicy } from '../policy/project-policy';

/** Own limit of each git step (fetch, clone, rebase, landing): the git adapter ends a command that takes longer. */
export const GIT_STEP_MS = 120_000;
/** What the process runner may need beyond timeout and grace to end and account for a run. */
export const RUNNER_SETTLE_MS = 3_000;
/** Own limit of a look at a registry: the adapter gives up on one that takes longer. */
export const REGISTRY_MS = 60_000;

/** Twice: on the candidate and on main. */
export function reportMs(policy: MeasuringPolicy | undefined): number {
  return policy?.run ? 2 * suiteMs(policy.run) : 0;
}

/** A clone and the suite in it, as often as it may run. */
export function judgedMs(suite: SuitePolicy): number {
  return (suite.confirmRed ? 2 : 1) * (GIT_STEP_MS + suiteMs(suite));
}

/** Set-up and suite each get the whole timeout. */
function suiteMs(suite: SuitePolicy): number {
  const runs = suite.setup === null ? 1 : 2;
  return runs * commandMs(suite);
}

/** A URL needs no clone. */
export function pollMs({ timeoutMs, check }: MonitorPolicy): number {
  if (check.kind === 'url') return timeoutMs + RUNNER_SETTLE_MS;
  return 3 * GIT_STEP_MS + commandMs({ timeoutMs, graceMs: check.graceMs });
}

export function commandMs({ timeoutMs, graceMs }: Pick<DeployPolicy, 'timeoutMs' | 'graceMs'>): number {
  return timeoutMs + graceMs + RUNNER_SETTLE_MS;
}
