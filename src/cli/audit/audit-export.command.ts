import { NodeHasher } from '../../infrastructure/system/node-hasher';
import { writeLog, type Written } from '../../infrastructure/audit/write-log';
import type { EventStore } from '../../application/ports/event-store';
import { stdout } from '../../infrastructure/terminal/standard-stream';
import { visibleJson } from '../../infrastructure/terminal/visible';
import type { Output } from '../output';
import { localPath } from '../local-path';
import { writeNewFile } from '../new-file';
import { UserError } from '../user-error';
import { withExistingLog } from './existing-log';

export interface ExportOptions {
  /** File to write; default: stdout. */
  readonly out?: string;
  /** Whose `land` state is meant instead of the service's. */
  readonly repo?: string;
}

/** Writes the whole log of a store, to a file or to stdout. The store may be in use. */
export async function auditExport({ out: to, repo }: ExportOptions, output: Output): Promise<void> {
  const startedAt = performance.now();
  const out = to === undefined ? undefined : localPath('--out', to);
  const written = await withExistingLog(repo, (store) => (out === undefined ? toStdout(store) : toFile(store, out)));
  if (written === null) return;
  const durationMs = Math.round(performance.now() - startedAt);
  const { events, sha256, bytes } = written;
  const line = `${events} events, ${bytes} bytes, sha256 ${sha256} (${durationMs} ms)`;
  if (out === undefined) output.note(line);
  else if (output.isJson) output.json({ file: out, events, bytes, sha256, durationMs });
  else output.line(`${out}: ${line}`);
}

async function toStdout(store: EventStore): Promise<Written | null> {
  try {
    return await writeLog(store, new NodeHasher(), stdout.sink(stdout.isTerminal ? visibleJson : undefined), true);
  } catch (error) {
    // A disk that is full is reported for every verb alike; a reader that has gone means a log that is not whole.
    if (stdout.failure !== null) return null;
    if (!stdout.isClosed) throw error;
    throw new UserError('stdout: expected a reader up to the last line of the log, saw it go away; export it again');
  }
}

function toFile(store: EventStore, path: string): Promise<Written> {
  return writeNewFile(path, 'the log', (stream) => writeLog(store, new NodeHasher(), stream, true));
}
