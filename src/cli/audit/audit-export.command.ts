import { existsSync } from 'node:fs';
import { openUsableStore } from '../../infrastructure/event-stores/open-event-store';
import { NodeHasher } from '../../infrastructure/system/node-hasher';
import { PinoLogger } from '../../infrastructure/system/pino-logger';
import { loadServiceConfig } from '../../infrastructure/config/service-config';
import type { StoreUrl } from '../../infrastructure/config/values/value-types';
import { LogIdentity } from '../../application/log-identity';
import { KnownLog, refuseMissingLog } from '../../compose/known-log';
import { writeLog, type Written } from '../../infrastructure/audit/write-log';
import type { EventStore } from '../../application/ports/event-store';
import { stdout } from '../../infrastructure/terminal/standard-stream';
import { visibleJson } from '../../infrastructure/terminal/visible';
import type { Output } from '../output';
import { landPlace, NEW_LOG_WITH } from '../land-place';
import { localPath } from '../local-path';
import { writeNewFile } from '../new-file';
import { UserError } from '../user-error';

const SILENT = new PinoLogger({ level: 'silent' });

export interface ExportOptions {
  /** File to write; default: stdout. */
  readonly out?: string;
  /** Whose `land` state is meant instead of the service's. */
  readonly repo?: string;
}

/** Writes the whole log of a store, to a file or to stdout. The store may be in use. */
export async function auditExport({ out: to, repo }: ExportOptions, output: Output): Promise<void> {
  const startedAt = performance.now();
  const config = loadServiceConfig();
  const out = to === undefined ? undefined : localPath('--out', to);
  const place =
    repo === undefined ? config : { ...(await landPlace(localPath('--repo', repo))), newLogWith: NEW_LOG_WITH };
  refuseMissingLog(place);
  const store = await openExisting(place.eventStore);
  let written: Written | null;
  try {
    await new KnownLog({ ...place, identity: new LogIdentity(store), logger: SILENT }).refuseOther();
    written = out === undefined ? await toStdout(store) : await toFile(store, out);
  } finally {
    await store.close();
  }
  if (written === null) return;
  const durationMs = Math.round(performance.now() - startedAt);
  const { events, sha256, bytes } = written;
  const line = `${events} events, ${bytes} bytes, sha256 ${sha256} (${durationMs} ms)`;
  if (out === undefined) output.note(line);
  else if (output.isJson) output.json({ file: out, events, bytes, sha256, durationMs });
  else output.line(`${out}: ${line}`);
}

async function openExisting(url: StoreUrl): Promise<EventStore> {
  if (url.kind === 'memory')
    throw new UserError(
      'STAGEGATE_EVENT_STORE_URL: expected a store that other processes can read, saw "memory:"; name the store to export',
    );
  if (url.kind === 'file' && !existsSync(url.path))
    throw new UserError(
      `${url.path}: expected an event store, saw no file; set STAGEGATE_STATE_DIR, or STAGEGATE_EVENT_STORE_URL`,
    );
  return openUsableStore(url, SILENT);
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
