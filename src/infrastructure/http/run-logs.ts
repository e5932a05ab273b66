import { InfrastructureError } from '../../application/ports/infrastructure-error';
import { logFileOf } from '../processes/proc/proc-host-environment';
import { openRegularFile } from '../system/durable-files';
import { FileBytes } from '../system/file-bytes';

const RUN_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:-confirm|-shadow)?(?:-setup)?$/;

/** Codes: RUN_LOG_REFUSED. */
export class RunLogError extends InfrastructureError {}

/** The output of runs, as kept in the state directory. */
export class RunLogs {
  constructor(private readonly stateDir: string) {}

  /**
   * @param runId from outside: only what a run id looks like becomes part of a path.
   * @returns null when none is kept.
   * @throws RunLogError for what is no plain file: a suite that reaches the folder may have put a pipe or a link there.
   */
  async open(runId: string): Promise<FileBytes | null> {
    if (!RUN_ID.test(runId)) return null;
    const path = logFileOf(this.stateDir, runId);
    const opened = await openRegularFile(path);
    if (opened.kind === 'missing') return null;
    if (opened.kind === 'not-a-file')
      throw new RunLogError('RUN_LOG_REFUSED', `${path}: expected a plain file, saw something else; remove it`);
    const { handle } = opened;
    const { size, nlink } = await handle.stat();
    if (nlink <= 1) return new FileBytes(handle, size);
    await handle.close();
    const text = `${path}: expected a file of its own, saw a second name of another file; remove it`;
    throw new RunLogError('RUN_LOG_REFUSED', text);
  }
}
