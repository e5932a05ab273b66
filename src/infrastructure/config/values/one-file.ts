import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../config-error';
import { SERVICE_KEYS } from '../service-keys';
import type { ReadModelUrl, StoreUrl } from './value-types';

/** Files that SQLite keeps beside a database. */
const COMPANIONS = ['-wal', '-shm', '-journal'] as const;

/** The log and the read models in one file would take each other for a damaged store. @throws ConfigError */
export function refuseOneFile(eventStore: StoreUrl, readModel: ReadModelUrl): void {
  if (eventStore.kind !== 'file' || readModel.kind !== 'file') return;
  const [log, rows] = [realPath(eventStore.path), realPath(readModel.path)];
  const isBeside = COMPANIONS.some((end) => log === rows + end || rows === log + end);
  if (log !== rows && !isBeside && !isSameFile(log, rows)) return;
  const { name, fallback } = SERVICE_KEYS.readModel;
  throw new ConfigError(`${name}: expected a file of its own, saw that of the event store; unset it for ${fallback}`);
}

/** With links resolved as far as there is something. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not made yet: its folder may be there, by another name.
    return dirname(path) === path ? path : join(realPath(dirname(path)), basename(path));
  }
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map(identityOf);
  return a !== null && a === b;
}

function identityOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    // Not there, or in a place that cannot be used: whoever opens it says so.
    return null;
  }
}
