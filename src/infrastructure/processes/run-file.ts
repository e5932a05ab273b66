import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** What a restart must know to clean up after a run: written and synced before the run starts. */
export interface RunFile {
  readonly runId: string;
  readonly cookie: string;
  readonly worker: string;
  readonly bootId: string;
  /** Known once it has been spawned. */
  readonly pgid: number | null;
  readonly startTicks: number | null;
}

export class RunFiles {
  private readonly dir: string;

  constructor(stateDir: string) {
    this.dir = join(stateDir, 'runs');
  }

  /** Durable when it returns. */
  write(file: RunFile): void {
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    const path = this.pathOf(file.runId);
    const part = `${path}.part`;
    const fd = openSync(part, 'w', 0o600);
    try {
      writeSync(fd, JSON.stringify(file));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(part, path);
    const folder = openSync(this.dir, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  remove(runId: string): void {
    rmSync(this.pathOf(runId), { force: true });
  }

  /** Every run that has not been accounted for; a file that is no run file is left alone. */
  all(): readonly RunFile[] {
    return this.names().flatMap((name) => {
      try {
        return [JSON.parse(readFileSync(join(this.dir, name), 'utf8')) as RunFile];
      } catch {
        // Removed meanwhile by its owner, or torn by a crash before it counted: in both cases nothing was started by it.
        return [];
      }
    });
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
    if (!/^[A-Za-z0-9_-]{1,100}$/.test(runId)) throw new Error(`${JSON.stringify(runId)} is no run id`);
    return join(this.dir, `${runId}.json`);
  }
}
