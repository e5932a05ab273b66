import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const RUN_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:-setup)?$/;

/** The output of runs, as kept in the state directory. */
export class RunLogs {
  constructor(private readonly stateDir: string) {}

  /** @param runId from outside: only what a run id looks like becomes part of a path. @returns null when none is kept. */
  async read(runId: string): Promise<string | null> {
    if (!RUN_ID.test(runId)) return null;
    try {
      return await readFile(join(this.stateDir, 'logs', `${runId}.log`), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }
}
