import { join } from 'node:path';

/** How other commands find the running service. A left-over one is told by the worker that answers, or does not. */
export interface UpFile {
  readonly url: string;
  readonly worker: string;
}

export function upFile(stateDir: string): string {
  return join(stateDir, 'up.json');
}
