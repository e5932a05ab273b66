import type { ProcessRunner } from '../../application/ports/process-runner';
import { processEnvironment } from '../config/environment';
import { COOKIE_ISOLATION, NO_ISOLATION } from './isolation';
import { ProcProcessRunner } from './proc-process-runner';
import { OUTER_VARIABLE, RUN_VARIABLE } from './proc-table';
import { RunFiles } from './run-file';

/** @param treeKill false: only the direct child is ever killed, and every result says so (`isolation: none`). */
export function createProcessRunner({
  stateDir,
  worker,
  treeKill,
}: {
  stateDir: string;
  worker: string;
  treeKill: boolean;
}): ProcessRunner {
  const own = processEnvironment();
  const outer = [own[OUTER_VARIABLE], own[RUN_VARIABLE]]
    .filter((cookie) => cookie !== undefined && cookie !== '')
    .join(',');
  const isolation = treeKill ? COOKIE_ISOLATION : NO_ISOLATION;
  return new ProcProcessRunner({ isolation, files: new RunFiles(stateDir), worker, outer });
}
