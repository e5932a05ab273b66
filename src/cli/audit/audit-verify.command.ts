import type { Read } from '../../application/audit/verify/verify-log';
import { verifyLog } from '../../application/audit/verify/verify-log';
import { pagesOf } from '../../application/audit/compare-log';
import type { EventStore } from '../../application/ports/event-store';
import { LogFile } from '../../infrastructure/audit/log-file';
import { loadServiceConfig } from '../../infrastructure/config/service-config';
import { NodeHasher } from '../../infrastructure/system/node-hasher';
import { localPath } from '../local-path';
import type { Output } from '../output';
import { Interrupted, untilInterrupted } from '../signals';
import { UserError } from '../user-error';
import { withExistingLog } from './existing-log';
import { VerifyReport } from './verify-report';

export interface VerifyOptions {
  /** A file that `audit export` wrote, in place of the store. */
  readonly export?: string;
  /** Whose `land` state is meant instead of the service's. */
  readonly repo?: string;
}

/** Reads a whole log, of a store in use or of a file, and names everything in it that is not what was written. @returns the exit code. */
export async function auditVerify({ export: file, repo }: VerifyOptions, output: Output): Promise<number> {
  if (file !== undefined && repo !== undefined)
    throw new UserError('--export: expected it without --repo, saw both; choose one');
  if (file === undefined)
    return withExistingLog(repo, (store) => reported(ofStore(store), new VerifyReport(output, 'position')));
  // It needs none of it; but a variable that is misspelt is refused whatever the verb.
  loadServiceConfig();
  const log = await LogFile.open(localPath('--export', file), 'redirect it into a file first');
  try {
    return await reported(log.examined(), new VerifyReport(output, 'line'));
  } finally {
    await log.close();
  }
}

async function reported(log: AsyncIterable<Read>, report: VerifyReport): Promise<number> {
  const ended = await untilInterrupted(verifyLog(log, new NodeHasher(), report));
  if (!(ended instanceof Interrupted)) return report.end(ended);
  report.interrupted();
  return ended.code;
}

async function* ofStore(store: EventStore): AsyncGenerator<Read> {
  for await (const events of pagesOf(store)) yield { events };
}
