import type { Projects } from '../../application/projects';
import type { ProjectPolicy } from '../../domain/policy/project-policy';
import type { SwitchName } from '../../domain/policy/switches';
import { NOTHING_SET } from '../../domain/policy/switches.decider';
import { suiteAt } from '../../domain/task/job';
import type { JobKind } from '../../domain/task/job-row';
import { JOBS } from '../../domain/task/job-table';
import { rowOf } from '../../domain/task/pipeline';
import type { Surrounded } from './queue-rows';

/** What is so of a runner in one project. */
export interface RunnerProject {
  readonly project: string;
  /** Switched on, and there is a suite for it. */
  readonly enabled: boolean;
  readonly timeoutMs: number | null;
  readonly graceMs: number | null;
  /** Retries after failures of the machine. */
  readonly infraRetries: number | null;
  /** Who answers in its place where it is switched off or cannot start; null where nobody is configured. */
  readonly standIn: string | null;
}

/** What is so of a command that runs behind the landing, in one project. */
export type CommandProject = Omit<RunnerProject, 'standIn'>;

export interface CommandBlock {
  /** Projects in which it runs. */
  readonly scope: readonly string[];
  readonly projects: readonly CommandProject[];
}

export interface RunnerBlock {
  /** Projects in which it runs. */
  readonly scope: readonly string[];
  readonly projects: readonly RunnerProject[];
}

/** Of the runner that does jobs of a kind. */
export function runnerBlock(
  kind: JobKind,
  { policies, switches }: Pick<Surrounded, 'policies' | 'switches'>,
  configured: Projects,
  keys: readonly string[],
): RunnerBlock {
  const { verdict } = JOBS[kind];
  if (!verdict) throw new Error(`${kind} is no runner's`);
  const { stage, switchedBy } = verdict;
  const { fallback } = rowOf(stage);
  const projects = keys.map((project): RunnerProject => {
    const policy = policies.get(project)?.policy ?? configured.get(project)?.policy ?? null;
    const suite = policy && suiteAt(stage, policy);
    const inForce = configured.switchesInForce(project, switches.get(project) ?? NOTHING_SET);
    return {
      project,
      enabled: inForce[switchedBy].enabled && suite !== null,
      timeoutMs: suite?.timeoutMs ?? null,
      graceMs: suite?.graceMs ?? null,
      infraRetries: policy?.budgets.infra ?? null,
      standIn: fallback !== null && policy?.agents[fallback] ? fallback : null,
    };
  });
  return { scope: projects.filter(({ enabled }) => enabled).map(({ project }) => project), projects };
}

/** Of one poll. */
export function monitorLimits(
  monitor: ProjectPolicy['monitor'],
): { readonly timeoutMs: number; readonly graceMs: number | null } | null {
  if (!monitor) return null;
  const { check, timeoutMs } = monitor;
  return { timeoutMs, graceMs: check.kind === 'command' ? check.graceMs : null };
}

/** @param limitsOf null where the project has no such command. */
export function commandBlock(
  switchedBy: SwitchName,
  limitsOf: (policy: ProjectPolicy) => { readonly timeoutMs: number; readonly graceMs: number | null } | null,
  { policies, switches }: Pick<Surrounded, 'policies' | 'switches'>,
  configured: Projects,
  keys: readonly string[],
): CommandBlock {
  const projects = keys.map((project): CommandProject => {
    const policy = policies.get(project)?.policy ?? configured.get(project)?.policy ?? null;
    const limits = policy && limitsOf(policy);
    const inForce = configured.switchesInForce(project, switches.get(project) ?? NOTHING_SET);
    return {
      project,
      enabled: inForce[switchedBy].enabled && limits !== null,
      timeoutMs: limits?.timeoutMs ?? null,
      graceMs: limits?.graceMs ?? null,
      infraRetries: policy?.budgets.infra ?? null,
    };
  });
  return { scope: projects.filter(({ enabled }) => enabled).map(({ project }) => project), projects };
}
