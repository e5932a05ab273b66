import { join, resolve } from 'node:path';
import type { StoreUrl } from '../infrastructure/config/values/value-types';
import { OPERATOR_FOLDER } from '../infrastructure/system/state-folder';

/** What SQLite keeps beside a database, as long as somebody has it open. */
const BESIDE = ['', '-wal', '-shm'];

/** What lets its reader give orders; and the log, as whoever could write that would need to give none. */
export function hiddenFromRuns({
  stateDir,
  eventStore,
}: {
  readonly stateDir: string;
  readonly eventStore: StoreUrl;
}): readonly string[] {
  const log = eventStore.kind === 'file' ? BESIDE.map((end) => resolve(eventStore.path + end)) : [];
  return [resolve(join(stateDir, OPERATOR_FOLDER)), ...log];
}
