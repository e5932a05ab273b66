import type { ProjectPolicy, SuitePolicy } from '../policy/project-policy';
import type { AgentRole } from './pipeline';
import { unreachable } from '../fact';

/** Work that needs a claim because it does I/O. */
export type Job =
  | { readonly kind: 'staging-suite' }
  | { readonly kind: 'agent'; readonly role: AgentRole }
  | { readonly kind: 'merge-gate' }
  | { readonly kind: 'landing' }
  | { readonly kind: 'landing-recovery' };
export type JobKind = Job['kind'];

/** Which budget entry an infra failure of a job counts against. */
export type JobKey = Exclude<JobKind, 'agent'> | `agent:${AgentRole}`;

export function jobKey(job: Job): JobKey {
  return job.kind === 'agent' ? `agent:${job.role}` : job.kind;
}

export function jobOf(key: JobKey): Job {
  return key.startsWith('agent:') ? { kind: 'agent', role: key.slice(6) as AgentRole } : ({ kind: key } as Job);
}

/** What people call it: an agent by its role. */
export function jobName(job: Job): string {
  return job.kind === 'agent' ? job.role : job.kind;
}

export function sameJob(a: Job, b: Job): boolean {
  return jobKey(a) === jobKey(b);
}

/** A job that holds the project's lane while it runs; 'fresh' demands a grant newer than the interrupted landing's. */
export function laneNeed(job: Job): 'none' | 'held' | 'fresh' {
  switch (job.kind) {
    case 'staging-suite':
    case 'agent':
      return 'none';
    case 'merge-gate':
    case 'landing':
      return 'held';
    case 'landing-recovery':
      return 'fresh';
    default:
      return unreachable(job);
  }
}

/** Own limit of each git step (fetch, clone, rebase, landing): the git adapter ends a command that takes longer. */
export const GIT_STEP_MS = 120_000;
/** What the process runner may need beyond timeout and grace to end and account for a run. */
export const RUNNER_SETTLE_MS = 3_000;
/** Added to every deadline: time to hand the result over, on a machine that is busy. */
export const CLAIM_MARGIN_MS = 60_000;

/** The sum of a job's parts, in milliseconds. The claim's deadline is this plus `CLAIM_MARGIN_MS`. */
export function maxDurationMs(job: Job, policy: ProjectPolicy): number {
  switch (job.kind) {
    case 'staging-suite':
      return 2 * GIT_STEP_MS + suiteMs(policy.staging);
    case 'agent': {
      const agent = policy.agents[job.role];
      return 2 * GIT_STEP_MS + (agent ? agent.timeoutMs + agent.graceMs + RUNNER_SETTLE_MS : 0);
    }
    case 'merge-gate':
      return 3 * GIT_STEP_MS + suiteMs(policy.retest);
    case 'landing':
    case 'landing-recovery':
      return 2 * GIT_STEP_MS;
    default:
      return unreachable(job);
  }
}

/** Set-up and suite each get the whole timeout. */
function suiteMs(suite: SuitePolicy): number {
  const runs = suite.setup === null ? 1 : 2;
  return runs * (suite.timeoutMs + suite.graceMs + RUNNER_SETTLE_MS);
}

/** Every job this project can run, for the start-up check of the reaper's bound. */
export function jobsOf(policy: ProjectPolicy): readonly Job[] {
  const roles = Object.keys(policy.agents) as AgentRole[];
  return [
    { kind: 'staging-suite' },
    { kind: 'merge-gate' },
    { kind: 'landing' },
    { kind: 'landing-recovery' },
    ...roles.map((role): Job => ({ kind: 'agent', role })),
  ];
}
