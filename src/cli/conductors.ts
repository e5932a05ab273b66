import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerHost } from '../application/ports/worker-host';
import type { TaskId } from '../domain/ids';
import { readUpFile } from './up-file';

/** Where every `land` that runs leaves its worker's name, under the task that it moves. */
const FOLDER = 'landing-now';

/** Says that this process moves the task. @returns takes it back. */
export function announceConductor(stateDir: string, task: TaskId, worker: string): () => void {
  const file = join(stateDir, FOLDER, task);
  mkdirSync(join(stateDir, FOLDER), { recursive: true });
  writeFileSync(file, worker, { mode: 0o600 });
  return () => {
    // Another `land` of the branch may have taken over meanwhile; its word is not ours to remove.
    if (textOf(file) === worker) rmSync(file, { force: true });
  };
}

/** Whether a service or a `land` that is not provably dead moves a task of this state. */
export function conductorsOf(stateDir: string, host: WorkerHost): (task: TaskId) => boolean {
  const isThere = (worker: string | null) => worker !== null && !host.isProvablyDead(worker);
  if (isThere(readUpFile(stateDir)?.worker ?? null)) return () => true;
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
