import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerHost } from '../application/ports/worker-host';
import type { TaskId } from '../domain/ids';
import { pathKind } from '../infrastructure/system/path-kind';
import { readUpFiles } from './up-file';

/** Where every `land` that runs leaves its worker's name, under the task that it moves. */
const FOLDER = 'landing-now';

/** Says that this process moves the task. @returns takes it back. */
export function announceConductor(stateDir: string, task: TaskId, worker: string): () => void {
  const folder = join(stateDir, FOLDER);
  const file = join(folder, task);
  // Only ever ours: whatever else has one of these names is in the way.
  if (pathKind(folder) !== 'folder') rmSync(folder, { force: true });
  if (pathKind(file) === 'folder') rmSync(file, { recursive: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, worker, { mode: 0o600 });
  return () => {
    // Another `land` of the branch may have taken over meanwhile; its word is not ours to remove.
    if (textOf(file) === worker) rmSync(file, { force: true });
  };
}

/** Whether a service or a `land` that is not provably dead moves a task of this state. */
export function conductorsOf(stateDir: string, host: WorkerHost): (task: TaskId) => boolean {
  const isThere = (worker: string | null) => worker !== null && !host.isProvablyDead(worker);
  if (readUpFiles(stateDir).some(({ worker }) => isThere(worker))) return () => true;
  return (task) => isThere(textOf(join(stateDir, FOLDER, task)));
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Nobody has said so.
    return null;
  }
}
