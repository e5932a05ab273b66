import type { TaskCommandType } from '../task/task.commands';
import type { Principal, Right } from './principal';

/** The right that each command needs; the only place that says so. */
export const NEEDED_RIGHTS: Readonly<Record<TaskCommandType, Right>> = {
  SubmitTask: 'submit',
  HoldTask: 'operate',
  ReleaseTask: 'operate',
  RetryTask: 'operate',
  CancelTask: 'operate',
  ChangePriority: 'operate',
  ObserveHead: 'conduct',
  EvaluateGates: 'conduct',
  ClaimTransition: 'work',
  ReleaseClaim: 'work',
  ReapTransition: 'conduct',
  RefuseStaleResult: 'work',
  RecordRebase: 'conduct',
  ReportStagingRun: 'conduct',
  ReportInfraFailure: 'conduct',
  ReportStale: 'work',
  ReportUnclassified: 'conduct',
  ReportEvidence: 'conduct',
  ReportForgery: 'conduct',
  ReportConflict: 'conduct',
  ReportBranchRefused: 'conduct',
  ReportNothingToLand: 'conduct',
  ReportRetestSkipped: 'conduct',
  ReportRetest: 'conduct',
  ReportLanded: 'conduct',
  ReportLandingLost: 'conduct',
  ReportAgentDone: 'work',
  ReportAgentError: 'work',
};

/** @returns what a principal lacks for a command about a project, in a line; null when it lacks nothing. */
export function lacking(principal: Principal, command: TaskCommandType, project: string): string | null {
  return lackingRight(principal, NEEDED_RIGHTS[command], project);
}

/** @param project null for what belongs to no project: only who is there for all of them may do that. */
export function lackingRight(
  { name, rights, projects }: Principal,
  needed: Right,
  project: string | null,
): string | null {
  if (!rights.includes(needed))
    return `expected the right to ${needed}, ${name} has ${rights.length === 0 ? 'none' : `only: ${rights.join(', ')}`}`;
  if (projects === '*' || (project !== null && projects.includes(project))) return null;
  const where = project === null ? 'all projects' : `project ${project}`;
  return `expected the right to ${needed} in ${where}, ${name} has it only in: ${projects.join(', ')}`;
}
