import { join, resolve } from 'node:path';
import type { StoreUrl } from '../infrastructure/config/values/value-types';
import { outOfSight } from '../infrastructure/secrets/out-of-sight';
import { OPERATOR_FOLDER } from '../infrastructure/system/state-folder';

/** What SQLite keeps beside a database, as long as somebody has it open. */
const BESIDE = ['', '-wal', '-shm'];

/**
 * What lets its reader give orders, or speak for those whose word counts here; and the log, as whoever could write that would need to give
 * none.
 */
export function hiddenFromRuns({
  stateDir,
  eventStore,
  secretFiles = [],
}: {
  readonly stateDir: string;
  readonly eventStore: StoreUrl;
  readonly secretFiles?: readonly string[];
}): readonly string[] {
  const log = eventStore.kind === 'file' ? BESIDE.map((end) => resolve(eventStore.path + end)) : [];
  return [resolve(join(stateDir, OPERATOR_FOLDER)), ...log, ...outOfSight(secretFiles)];
}
