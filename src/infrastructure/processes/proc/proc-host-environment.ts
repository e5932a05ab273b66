import { release, type } from 'node:os';
import { join } from 'node:path';
import { HostEnvironment } from '../../../application/ports/host-environment';
import type { IsolationLevel } from '../../../application/ports/process-runner';
import { processEnvironment } from '../../config/environment';

/** The machine this process runs on. */
export class ProcHostEnvironment extends HostEnvironment {
  readonly release = `${type()} ${release()}`;
  private readonly level: () => IsolationLevel;
  private readonly stateDir: string;
  private readonly environment = processEnvironment();

  /** @param isolation of runs, which is found out by trying, and so perhaps later. */
  constructor({ stateDir, isolation }: { stateDir: string; isolation: IsolationLevel | (() => IsolationLevel) }) {
    super();
    this.level = typeof isolation === 'function' ? isolation : () => isolation;
    this.stateDir = stateDir;
  }

  get isolation(): IsolationLevel {
    return this.level();
  }

  pick(names: readonly string[]): Readonly<Record<string, string>> {
    const picked = names.flatMap((name) => {
      const value = this.environment[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return Object.fromEntries(picked);
  }

  logFile(runId: string): string {
    return logFileOf(this.stateDir, runId);
  }
}

/** Where the whole output of a run is kept. */
export function logFileOf(stateDir: string, runId: string): string {
  return join(stateDir, 'logs', `${runId}.log`);
}
