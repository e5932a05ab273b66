import type { ProjectPolicy, SuitePolicy } from '../policy/project-policy';
import type { JobKind, JobRow, SuiteVerdict } from './job-row';
import { JOB_KINDS, JOBS } from './job-table';
import type { AgentRole, GateName, Stage } from './pipeline';

export type PlainKind = Exclude<JobKind, 'agent'>;

/** Work that needs a claim because it does I/O. */
export type Job = { readonly kind: PlainKind } | { readonly kind: 'agent'; readonly role: AgentRole };

/** Which budget entry an infra failure of a job counts against. */
export type JobKey = PlainKind | `agent:${AgentRole}`;

/** Added to every deadline: time to hand the result over, on a machine that is busy. */
export const CLAIM_MARGIN_MS = 60_000;

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

/** What the service does with it, as the middle of a sentence. */
export function whatItDoes(job: Job): string {
  return JOBS[job.kind].does.replace('%', jobName(job));
}

export function sameJob(a: Job, b: Job): boolean {
  return jobKey(a) === jobKey(b);
}

/** A job that holds the project's lane while it runs; 'fresh' demands a grant newer than the interrupted landing's. */
export function laneNeed({ kind }: Job): JobRow['lane'] {
  return JOBS[kind].lane;
}

/** What runs between a landing's intent and its outcome. */
export function movesMain({ kind }: Job): boolean {
  return kind === 'landing' || kind === 'landing-recovery';
}

export function needsLane(job: Job): boolean {
  return laneNeed(job) !== 'none';
}

/** The job that brings the evidence of a gate; null where no job of ours does. */
export function jobFor(gate: GateName | null): Job | null {
  const kind = gate === null ? undefined : JOB_KINDS.find((each) => JOBS[each].gate === gate);
  return kind === undefined || kind === 'agent' ? null : { kind };
}

/** The job that makes a stage's verdict by running a suite; null where no job does. */
export function suiteJobOf(stage: Stage): PlainKind | null {
  return SUITE_JOBS.find((kind) => JOBS[kind].verdict?.stage === stage) ?? null;
}

/** The suite of a stage's job; null where there is no such job, or the project has no suite for it. */
export function suiteAt(stage: Stage, policy: ProjectPolicy): SuitePolicy | null {
  const kind = suiteJobOf(stage);
  return kind === null ? null : (JOBS[kind].verdict?.suite(policy) ?? null);
}

/** The job whose suite an event says to have executed. */
export function jobThatReports(executed: SuiteVerdict['executed']): PlainKind {
  const kind = SUITE_JOBS.find((each) => JOBS[each].verdict?.executed === executed);
  if (kind === undefined) throw new Error(`no job reports ${executed}`);
  return kind;
}

const SUITE_JOBS = JOB_KINDS.filter((kind): kind is PlainKind => JOBS[kind].verdict !== null);

/** The sum of a job's parts, in milliseconds. The claim's deadline is this plus `CLAIM_MARGIN_MS`. */
export function maxDurationMs(job: Job, policy: ProjectPolicy): number {
  return JOBS[job.kind].durationMs(policy, job.kind === 'agent' ? job.role : null);
}

/** Every job this project can run, for the start-up check of the reaper's bound. */
export function jobsOf({ agents }: ProjectPolicy): readonly Job[] {
  const plain = JOB_KINDS.flatMap((kind): Job[] => (kind === 'agent' ? [] : [{ kind }]));
  const roles = Object.keys(agents) as AgentRole[];
  return [...plain, ...roles.map((role): Job => ({ kind: 'agent', role }))];
}
