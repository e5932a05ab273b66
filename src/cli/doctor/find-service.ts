import type { WorkerHost } from '../../application/ports/worker-host';
import { readUpFile } from '../up-file';

/** How long somebody may take to answer that is not busy with anything else. */
const ANSWER_MS = 2_000;

/** The service that has left its address in the state directory. */
export type FoundService =
  | { readonly kind: 'none' }
  /** It was killed: its process is gone. */
  | { readonly kind: 'dead'; readonly worker: string }
  /** Its process may live, and does not answer. */
  | { readonly kind: 'silent'; readonly worker: string; readonly url: string }
  | { readonly kind: 'answers'; readonly worker: string; readonly url: string };

export async function findService(stateDir: string, host: WorkerHost): Promise<FoundService> {
  const file = readUpFile(stateDir);
  if (file === null) return { kind: 'none' };
  const { url, worker } = file;
  if ((await workerAt(url)) === worker) return { kind: 'answers', url, worker };
  return host.isProvablyDead(worker) ? { kind: 'dead', worker } : { kind: 'silent', url, worker };
}

/** @returns the worker of the stagegate that answers there; null when none does. */
export async function workerAt(url: string): Promise<string | null> {
  const answer = await ask(url, '/health/live');
  const { worker } = (answer?.body ?? {}) as { worker?: unknown };
  return typeof worker === 'string' ? worker : null;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** @returns null when nobody answers in time, or not with JSON. */
export async function ask(url: string, path: string): Promise<Answer | null> {
  try {
    const answer = await fetch(new URL(path, url), { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'error' });
    return { status: answer.status, body: await answer.json() };
  } catch {
    // Whoever is there, it is not a stagegate that is well.
    return null;
  }
}
