import { appendFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { removeStaleNames } from './output/pipe-pool';

/** What a restart must know to clean up after a run: written and synced before the run starts. */
export interface RunIntent {
  readonly runId: string;
  readonly cookie: string;
  readonly worker: string;
  readonly bootId: string;
  /** Known before it is made. */
  readonly cgroup: string | null;
}

/** The wrapper, once it has been spawned: its pid is group and session of the run. */
export interface RunStart {
  readonly pid: number;
  readonly startTicks: number;
}

export interface RunFile extends RunIntent {
  readonly start: RunStart | null;
}

const RUN_ID = /^[A-Za-z0-9_-]{1,100}$/;

/** Run ids name files. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

export class RunFiles {
  private readonly dir: string;

  constructor(stateDir: string) {
    this.dir = join(stateDir, 'runs');
  }

  /** Durable when it resolves: file and folder are synced. */
  async intend(intent: RunIntent): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    const file = await open(this.pathOf(intent.runId), 'w', 0o600);
    try {
      await file.write(`${JSON.stringify(intent)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    const folder = await open(this.dir, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /**
   * Adds who was spawned. At once and unsynced: what was written survives the death of this process, and the death of
   * the machine leaves nothing to clean up.
   */
  started(runId: string, start: RunStart): void {
    appendFileSync(this.pathOf(runId), `${JSON.stringify(start)}\n`);
  }

  remove(runId: string): void {
    try {
      rmSync(this.pathOf(runId), { force: true });
    } catch {
      // It stays and does no harm: a recovery finds nothing that belongs to it and tries again.
    }
  }

  /** Every run that has not been accounted for; a file that is no run file is left alone. */
  all(): readonly RunFile[] {
    return this.names().flatMap((name) => {
      try {
        const [intent = '', start = ''] = readFileSync(join(this.dir, name), 'utf8').split('\n');
        const parsed = parseIntent(intent);
        return parsed ? [{ ...parsed, start: parseStart(start) }] : [];
      } catch {
        // Removed meanwhile by its owner, or torn by a crash before it counted: in both cases nothing was started by it.
        return [];
      }
    });
  }

  /** Takes away what dead processes left beside run files. */
  tidy(): void {
    try {
      removeStaleNames(this.dir);
    } catch {
      // No run was ever started here, or the names may not be removed: they do no harm.
    }
  }

  private names(): readonly string[] {
    try {
      return readdirSync(this.dir).filter((name) => name.endsWith('.json'));
    } catch {
      // No run was ever started here.
      return [];
    }
  }

  private pathOf(runId: string): string {
    return join(this.dir, `${runId}.json`);
  }
}

/** @returns null for what we did not write: by a wrong cookie the processes of others would be taken for a run's. */
function parseIntent(line: string): RunIntent | null {
  const { runId, cookie, worker, bootId, cgroup = null } = JSON.parse(line) as Record<keyof RunIntent, unknown>;
  if (typeof runId !== 'string' || !isRunId(runId) || typeof cookie !== 'string' || cookie === '') return null;
  if (typeof worker !== 'string' || worker === '' || typeof bootId !== 'string') return null;
  return cgroup === null || typeof cgroup === 'string' ? { runId, cookie, worker, bootId, cgroup } : null;
}

function parseStart(line: string): RunStart | null {
  try {
    const { pid, startTicks } = JSON.parse(line) as Record<keyof RunStart, unknown>;
    return Number.isInteger(pid) && Number.isInteger(startTicks) ? ({ pid, startTicks } as RunStart) : null;
  } catch {
    // Its owner died before it could say whom it had spawned: the cookie has to do.
    return null;
  }
}
