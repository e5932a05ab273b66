import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InfrastructureError } from '../application/ports/infrastructure-error';
import { makeDurableDirectory, replaceDurably } from '../infrastructure/system/durable-files';
import type { StoreUrl } from '../infrastructure/config/value-types';
import { addressOf as esdbAddressOf } from '../infrastructure/event-stores/eventstoredb/address';
import { addressOf } from '../infrastructure/postgres/address';

interface Mark {
  /** Which store; another one that the same state directory is used with is whole. */
  readonly store: string;
  readonly events: number;
}

/**
 * Notes that a store is about to hold a part of a log: nobody may take the beginning of it for all of it. Whole or not at all:
 * half a note would keep the service from starting.
 */
export async function markImport(stateDir: string, store: StoreUrl, events: number): Promise<void> {
  const mark: Mark = { store: nameOf(store), events };
  await makeDurableDirectory(stateDir);
  await replaceDurably(fileIn(stateDir), Buffer.from(JSON.stringify(mark)));
}

export function unmarkImport(stateDir: string): void {
  rmSync(fileIn(stateDir), { force: true });
}

/** @throws InfrastructureError STORE_HALF_IMPORTED */
export function refuseHalfImported(stateDir: string, store: StoreUrl): void {
  const mark = read(stateDir);
  if (mark === null || mark.store !== nameOf(store)) return;
  throw new InfrastructureError(
    'STORE_HALF_IMPORTED',
    `event store: expected all ${mark.events} events of the log that was being imported, saw the import end before; run stagegate audit import with the same log again`,
  );
}

/** Without a password: it stands in a file. */
function nameOf(store: StoreUrl): string {
  switch (store.kind) {
    case 'memory':
      return 'memory';
    case 'file':
      return store.path;
    case 'postgres':
      return addressOf(store.url);
    case 'eventstoredb':
      return esdbAddressOf(store.url);
  }
}

function read(stateDir: string): Mark | null {
  try {
    return JSON.parse(readFileSync(fileIn(stateDir), 'utf8')) as Mark;
  } catch (error) {
    // Where the folder cannot be used, whoever opens the store says so.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

function fileIn(stateDir: string): string {
  return join(stateDir, 'import.json');
}
