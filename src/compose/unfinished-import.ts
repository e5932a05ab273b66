import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InfrastructureError } from '../application/ports/infrastructure-error';
import { makeDurableDirectory, replaceDurably } from '../infrastructure/system/durable-files';
import type { StoreUrl } from '../infrastructure/config/values/value-types';
import { nameOfStore } from './store-name';

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
  const mark: Mark = { store: nameOfStore(store), events };
  await makeDurableDirectory(stateDir);
  await replaceDurably(fileIn(stateDir), Buffer.from(JSON.stringify(mark)));
}

export function unmarkImport(stateDir: string): void {
  rmSync(fileIn(stateDir), { recursive: true, force: true });
}

/** @throws InfrastructureError STORE_HALF_IMPORTED */
export function refuseHalfImported(stateDir: string, store: StoreUrl): void {
  const mark = read(stateDir);
  if (mark === null || mark.store !== nameOfStore(store)) return;
  throw new InfrastructureError(
    'STORE_HALF_IMPORTED',
    `event store: expected all ${mark.events} events of the log that was being imported, saw the import end before; run stagegate audit import with the same log again`,
  );
}

function read(stateDir: string): Mark | null {
  let text: string;
  try {
    text = readFileSync(fileIn(stateDir), 'utf8');
  } catch (error) {
    const { code = 'an error' } = error as NodeJS.ErrnoException;
    // Where the folder cannot be used, whoever opens the store says so.
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw unreadable(stateDir, code === 'EISDIR' ? 'a directory' : code);
  }
  const mark = parsed(text);
  if (mark === null) throw unreadable(stateDir, text === '' ? 'an empty file' : 'something else');
  return mark;
}

function parsed(text: string): Mark | null {
  try {
    const { store, events } = JSON.parse(text) as Partial<Mark>;
    return typeof store === 'string' && typeof events === 'number' ? { store, events } : null;
  } catch {
    // Not what `markImport` wrote, which is whole or not there.
    return null;
  }
}

/** The note cannot be read, so nobody knows whether the store holds a whole log: a person has to say. */
function unreadable(stateDir: string, seen: string): InfrastructureError {
  const how = 'run stagegate audit import with the same log again, or remove the file if no import was interrupted';
  return new InfrastructureError(
    'STORE_HALF_IMPORTED',
    `${fileIn(stateDir)}: expected the note of an import, saw ${seen}; ${how}`,
  );
}

function fileIn(stateDir: string): string {
  return join(stateDir, 'import.json');
}
