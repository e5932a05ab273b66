import { rowOf, type WorkStage } from '../task/pipeline';

/** How a stage's artifact spells a verdict. */
export interface SuiteStatus {
  readonly status: string;
  readonly passed: boolean;
}

/**
 * The one mapping from a finished suite to its verdict. Only a suite that executed gets here: timeouts, missing commands
 * and killed runs were classified before and never become a status by their exit code.
 */
export function exitCodeToStatus(stage: WorkStage, exitCode: number): SuiteStatus {
  return exitCode === 0 ? passedAt(stage) : failedAt(stage);
}

/** What is said where nothing was learned, too: it fails closed. */
export function failedAt(stage: WorkStage): SuiteStatus {
  const fails = rowOf(stage).artifact?.fails;
  if (!fails) throw new Error(`stage ${stage} has no way to say no`);
  return { status: fails, passed: false };
}

export function passedAt(stage: WorkStage): SuiteStatus {
  const passes = rowOf(stage).artifact?.passes;
  if (!passes) throw new Error(`stage ${stage} has no artifact`);
  return { status: passes, passed: true };
}
