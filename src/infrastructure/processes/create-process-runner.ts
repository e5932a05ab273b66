import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { InfrastructureError } from '../../application/ports/infrastructure-error';
import type { RunSpec } from '../../application/ports/process-runner';
import { processEnvironment } from '../config/environment';
import { oomCounters } from './isolation/cgroup-usage';
import type { Isolation } from './isolation/isolation';
import { SHELL } from './launch/launch-line';
import { NO_ISOLATION } from './isolation/levels';
import { PipePool } from './output/pipe-pool';
import { PROBE_EXIT_CODE, probeIsolation, type Probed } from './isolation/probe';
import { ProcProcessRunner } from './proc-process-runner';
import { ProcScanner } from './proc/proc-scan';
import { OUTER_VARIABLE, RUN_VARIABLE } from './proc/proc-table';
import { RunFiles } from './run-file';

/** Codes: UNSUPPORTED_PLATFORM. */
export class RunnerError extends InfrastructureError {}

export interface RunnerSettings {
  readonly stateDir: string;
  readonly worker: string;
  /** False: only the command itself is ever ended, and every result says so (`isolation: none`). */
  readonly treeKill: boolean;
  /** Folders and files that runs are not to see, by whole paths, where a level can hide them. */
  readonly hidden?: readonly string[];
  /** Instead of the strongest level that works: for tests and comparisons. */
  readonly isolation?: (scanner: ProcScanner) => Isolation;
}

/** @throws RunnerError on systems that cannot end what a command has started. */
export function createProcessRunner({
  stateDir,
  worker,
  treeKill,
  hidden = [],
  isolation,
}: RunnerSettings): ProcProcessRunner {
  if (process.platform === 'win32') {
    const message =
      'expected Linux, macOS or a BSD, saw Windows, where suites cannot be ended whole; use WSL or a container';
    throw new RunnerError('UNSUPPORTED_PLATFORM', message);
  }
  const own = processEnvironment();
  const outer = [own[OUTER_VARIABLE], own[RUN_VARIABLE]]
    .filter((cookie) => cookie !== undefined && cookie !== '')
    .join(',');
  const scanner = new ProcScanner();
  const pipes = new PipePool(join(stateDir, 'runs'), own['PATH']);
  const deps = { files: new RunFiles(stateDir), scanner, pipes, worker, outer, oomCounters: oomCounters() };
  const trial = (level: Isolation) => new ProcProcessRunner({ ...deps, probe: () => only(level) }).run(trialSpec());
  const probe = () => {
    if (!treeKill) return only(NO_ISOLATION);
    return isolation ? only(isolation(scanner)) : probeIsolation({ scanner, trial, path: own['PATH'], hidden });
  };
  return new ProcProcessRunner({ ...deps, probe });
}

async function only(isolation: Isolation): Promise<Probed> {
  return { isolation, attempts: [{ level: isolation.level, isUsable: true, evidence: '' }] };
}

function trialSpec(): RunSpec {
  const id = randomUUID();
  const command = { command: SHELL, args: ['-c', `exit ${PROBE_EXIT_CODE}`], cwd: '/', env: {} };
  return { ...command, runId: `probe-${id}`, cookie: id, timeoutMs: 10_000, graceMs: 0 };
}
