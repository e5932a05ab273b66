import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How other commands find the running service. A left-over one is told by the worker that answers, or does not. */
export interface UpFile {
  readonly url: string;
  readonly worker: string;
}

export function writeUpFile(stateDir: string, file: UpFile): void {
  writeFileSync(pathIn(stateDir), JSON.stringify(file), { mode: 0o600 });
}

/** @returns null when no service has left its address here, or none that can be read. */
export function readUpFile(stateDir: string): UpFile | null {
  try {
    return JSON.parse(readFileSync(pathIn(stateDir), 'utf8')) as UpFile;
  } catch {
    // No service has run here, or it was killed while it wrote: either way there is nobody to be found by this file.
    return null;
  }
}

/** Another service may have started on the same state meanwhile; its file is not ours to remove. */
export function removeUpFile(stateDir: string, worker: string): void {
  if (readUpFile(stateDir)?.worker === worker) rmSync(pathIn(stateDir), { force: true });
}

function pathIn(stateDir: string): string {
  return join(stateDir, 'up.json');
}
