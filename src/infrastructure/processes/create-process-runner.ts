import type { ProcessRunner } from '../../application/ports/process-runner';
import { processEnvironment } from '../config/environment';
import { cookieIsolation, NO_ISOLATION } from './isolation';
import { ProcProcessRunner } from './proc-process-runner';
import { ProcScanner } from './proc-scan';
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
  const scanner = new ProcScanner();
  const isolation = treeKill ? cookieIsolation(scanner) : NO_ISOLATION;
  return new ProcProcessRunner({ isolation, files: new RunFiles(stateDir), scanner, worker, outer });
}
