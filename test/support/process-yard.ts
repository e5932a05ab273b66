import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunResult, RunSpec } from '../../src/application/ports/process-runner';
import { createProcessRunner } from '../../src/infrastructure/processes/create-process-runner';
import type { Isolation } from '../../src/infrastructure/processes/isolation/isolation';
import { cookieIsolation } from '../../src/infrastructure/processes/isolation/levels';
import type { ProcProcessRunner } from '../../src/infrastructure/processes/proc-process-runner';
import type { ProcScanner } from '../../src/infrastructure/processes/proc/proc-scan';
import { ProcWorkerHost } from '../../src/infrastructure/processes/proc/proc-worker-host';

export interface Resident {
  readonly pid: number;
  readonly comm: string;
}

export interface YardOptions {
  readonly treeKill: boolean;
  readonly isolation: (scanner: ProcScanner) => Isolation;
}

/** A private folder in which a runner's commands work, and the truth about who is still alive in it. */
export class ProcessYard {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'stagegate-yard-')));
  readonly work = join(this.root, 'work');
  readonly stateDir = join(this.root, 'state');
  readonly worker = new ProcWorkerHost().self;
  readonly runner: ProcProcessRunner;
  private runs = 0;

  /** At L1, which every Linux has, unless told otherwise. */
  constructor({ treeKill = true, isolation = cookieIsolation }: Partial<YardOptions> = {}) {
    mkdirSync(this.work);
    this.runner = createProcessRunner({ stateDir: this.stateDir, worker: this.worker, treeKill, isolation });
  }

  spec(command: string | readonly string[], more: Partial<RunSpec> = {}): RunSpec {
    const [program = '', ...args] = typeof command === 'string' ? ['sh', '-c', command] : command;
    this.runs += 1;
    const runId = `run-${process.pid}-${this.runs}`;
    return {
      runId,
      cookie: `${runId}-${Math.random().toString(36).slice(2)}`,
      command: program,
      args,
      cwd: this.work,
      env: { PATH: process.env['PATH'] ?? '', HOME: this.root },
      timeoutMs: 20_000,
      graceMs: 500,
      ...more,
    };
  }

  /** Runs a script of `sh`, or a program with its arguments. */
  run(command: string | readonly string[], more: Partial<RunSpec> = {}): Promise<RunResult> {
    return this.runner.run(this.spec(command, more));
  }

  path(name: string): string {
    return join(this.work, name);
  }

  text(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Waits until a script has written a file, which is how it says that it got there. */
  async saw(name: string): Promise<void> {
    await until(() => existsSync(this.path(name)));
  }

  residents(): readonly Resident[] {
    return residentsOf(this.root);
  }

  /** Ends whoever is still here. */
  clear(): void {
    for (const { pid } of this.residents()) killIfAlive(pid);
  }

  close(): void {
    this.clear();
    removeWhileFilled(this.root);
  }
}

/** The runner may just have the next pipes made: what comes into a folder that is being removed is removed at the next try. */
function removeWhileFilled(folder: string): void {
  for (let tries = 1; ; tries += 1) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || tries === 100) throw error;
    }
  }
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has ended between being found and being killed, perhaps with one that was killed before it.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Processes that work somewhere under a folder: found without any of the means that the runner itself uses. */
export function residentsOf(folder: string): readonly Resident[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const cwd = readlinkSync(`/proc/${name}/cwd`);
      if (cwd !== folder && !cwd.startsWith(`${folder}/`)) return [];
      return [{ pid: Number(name), comm: readFileSync(`/proc/${name}/comm`, 'utf8').trim() }];
    } catch {
      // It ended meanwhile, or it is a zombie, which works nowhere.
      return [];
    }
  });
}

/** Waits for a condition, and says so when it never comes. */
export async function until(isTrue: () => boolean, withinMs = 15_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms for ${isTrue.toString()}`);
    await delay(5);
  }
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
