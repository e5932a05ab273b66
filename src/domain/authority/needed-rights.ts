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
  ObserveHead: 'work',
  EvaluateGates: 'work',
  ClaimTransition: 'work',
  ReleaseClaim: 'work',
  ReapTransition: 'work',
  RefuseStaleResult: 'work',
  RecordRebase: 'work',
  ReportStagingRun: 'work',
  ReportInfraFailure: 'work',
  ReportStale: 'work',
  ReportUnclassified: 'work',
  ReportEvidence: 'work',
  ReportForgery: 'work',
  ReportConflict: 'work',
  ReportBranchRefused: 'work',
  ReportNothingToLand: 'work',
  ReportRetestSkipped: 'work',
  ReportRetest: 'work',
  ReportLanded: 'work',
  ReportLandingLost: 'work',
  ReportAgentDone: 'work',
  ReportAgentError: 'work',
};

/** @returns what a principal lacks for a command, in a line; null when it lacks nothing. */
export function lacking({ name, rights }: Principal, command: TaskCommandType): string | null {
  const needed = NEEDED_RIGHTS[command];
  if (rights.includes(needed)) return null;
  return `expected the right to ${needed}, ${name} has ${rights.length === 0 ? 'none' : `only: ${rights.join(', ')}`}`;
}
