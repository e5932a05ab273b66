import { importLog, type Imported } from '../../application/audit/import-log';
import { markImport, unmarkImport } from '../../compose/unfinished-import';
import { openUsableStore } from '../../infrastructure/event-stores/open-event-store';
import { PinoLogger } from '../../infrastructure/system/pino-logger';
import { LogFile } from '../../infrastructure/audit/log-file';
import { loadServiceConfig, type ServiceConfig } from '../../infrastructure/config/service-config';
import { ProcWorkerHost } from '../../infrastructure/processes/proc/proc-worker-host';
import { CryptoIds } from '../../infrastructure/system/crypto-ids';
import { NodeHasher } from '../../infrastructure/system/node-hasher';
import { SystemClock } from '../../infrastructure/system/system-clock';
import { findService } from '../find-service';
import type { Output } from '../output';
import { localPath } from '../local-path';
import { UserError } from '../user-error';

export interface ImportOptions {
  /** File to read; default: stdin. */
  readonly in?: string;
}

/** Brings an exported log into the configured store, which has to be empty, or a part of an earlier import of the same. */
export async function auditImport(options: ImportOptions, output: Output): Promise<void> {
  const startedAt = performance.now();
  const config = loadServiceConfig();
  refuseMemory(config);
  await refuseRunning(config);
  const file = await logOf(options, config);
  let imported: Imported;
  try {
    imported = await intoStore(config, file);
  } finally {
    await file.close();
  }
  const durationMs = Math.round(performance.now() - startedAt);
  const { events, held } = imported;
  if (output.isJson) output.json({ events, appended: events - held, held, durationMs });
  else output.line(`${events} events, ${events - held} of them appended, ${held} were there (${durationMs} ms)`);
}

async function intoStore({ stateDir, eventStore }: ServiceConfig, file: LogFile): Promise<Imported> {
  const hasher = new NodeHasher();
  const store = await openUsableStore(eventStore, new PinoLogger({ level: 'silent' }));
  try {
    const deps = { store, clock: new SystemClock(), ids: new CryptoIds() };
    const imported = await importLog(
      deps,
      () => file.events(hasher),
      (events) => markImport(stateDir, eventStore, events),
    );
    unmarkImport(stateDir);
    return imported;
  } finally {
    await store.close();
  }
}

function refuseMemory({ eventStore }: ServiceConfig): void {
  if (eventStore.kind !== 'memory') return;
  throw new UserError(
    'STAGEGATE_EVENT_STORE_URL: expected a store that outlives this command, saw "memory:"; name the store to import into',
  );
}

async function refuseRunning({ stateDir }: ServiceConfig): Promise<void> {
  const service = await findService(stateDir, new ProcWorkerHost());
  if (service.kind !== 'answers' && service.kind !== 'silent') return;
  throw new UserError(
    `event store: expected no service on ${stateDir}, saw ${service.worker} at ${service.url}; stop it first`,
  );
}

async function logOf(options: ImportOptions, { stateDir }: ServiceConfig): Promise<LogFile> {
  if (options.in !== undefined)
    return LogFile.open(localPath('--in', options.in), 'redirect it into the command without --in');
  if (process.stdin.isTTY)
    throw new UserError(
      'stdin: expected a log from stagegate audit export, saw a terminal; redirect a file, or use --in',
    );
  return LogFile.keep(process.stdin, stateDir);
}
