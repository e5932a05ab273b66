import type { AccessCommandType } from '../access/access.commands';
import type { TaskCommandType } from '../task/task.commands';
import type { Principal, Right } from './principal';

/** What can be asked for: commands, and the one question that is not everybody's. */
export type CommandType =
  TaskCommandType | AccessCommandType | 'ListTokens' | 'SetSwitch' | 'ResumeLane' | 'RedeliverAlerts';

/** The right that each command needs; the only place that says so. */
export const NEEDED_RIGHTS: Readonly<Record<CommandType, Right>> = {
  CreateToken: 'admin',
  RevokeToken: 'admin',
  ListTokens: 'admin',
  SubmitTask: 'submit',
  HoldTask: 'operate',
  ReleaseTask: 'operate',
  RetryTask: 'operate',
  CancelTask: 'operate',
  ChangePriority: 'operate',
  AcknowledgeAlert: 'operate',
  CloseAlert: 'operate',
  RedeliverAlerts: 'operate',
  SetSwitch: 'operate',
  ResumeLane: 'operate',
  OverrideGate: 'operate',
  RecordEvidence: 'work',
  ObserveHead: 'conduct',
  EvaluateGates: 'conduct',
  EndDependency: 'conduct',
  ClaimTransition: 'work',
  ExtendClaim: 'work',
  ReleaseClaim: 'work',
  ReapTransition: 'conduct',
  RefuseStaleResult: 'work',
  RecordRebase: 'conduct',
  RecordRed: 'conduct',
  RecordDeployBegun: 'conduct',
  ReportDeployRun: 'conduct',
  ReportMonitorPoll: 'conduct',
  ReportSuiteRun: 'conduct',
  ReportInfraFailure: 'conduct',
  ReportStale: 'work',
  ReportUnclassified: 'conduct',
  ReportEvidence: 'conduct',
  ReportForgery: 'conduct',
  ReportConflict: 'conduct',
  ReportBranchRefused: 'conduct',
  ReportNothingToLand: 'conduct',
  ReportRetestSkipped: 'conduct',
  ReportMarkersLost: 'conduct',
  ReportRetest: 'conduct',
  ReportLanded: 'conduct',
  ReportLandingLost: 'conduct',
  RecordShadowSuite: 'conduct',
  ReportAgentDone: 'work',
  ReportAgentError: 'work',
};

/**
 * @param project whose it is; null for what belongs to none: only who has the right in all of them may do that.
 * @returns what a principal lacks for it, in a line; null when it lacks nothing.
 */
export function lacking(
  { name, rights, projects }: Principal,
  command: CommandType,
  project: string | null,
): string | null {
  const needed = NEEDED_RIGHTS[command];
  if (!rights.includes(needed))
    return `expected the right to ${needed}, ${name} has ${rights.length === 0 ? 'none' : `only: ${rights.join(', ')}`}`;
  if (projects === '*' || (project !== null && projects.includes(project))) return null;
  const where = project === null ? 'all projects' : `project ${project}`;
  return `expected the right to ${needed} in ${where}, ${name} has it only in: ${projects.join(', ')}`;
}
