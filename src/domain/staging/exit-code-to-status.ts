export type StagingStatus = 'SUCCESS' | 'FAILED';

/**
 * The one mapping from a finished suite to its verdict. Only a suite that executed gets here: timeouts, missing commands
 * and killed runs were classified before and never become a status by their exit code.
 */
export function exitCodeToStatus(exitCode: number): StagingStatus {
  return exitCode === 0 ? 'SUCCESS' : 'FAILED';
}
