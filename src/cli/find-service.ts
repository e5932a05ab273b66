import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { get as getSecurely } from 'node:https';
import { json } from 'node:stream/consumers';
import type { WorkerHost } from '../application/ports/worker-host';
import { readOperatorFile, tokenIn } from './operator-file';
import { readUpFiles } from './up-file';

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
  let found: FoundService = { kind: 'none' };
  for (const { url, worker } of readUpFiles(stateDir)) {
    if ((await workerAt(url, tokenIn(readOperatorFile(stateDir, worker)))) === worker)
      return { kind: 'answers', url, worker };
    const isDead = host.isProvablyDead(worker);
    if (!isDead) found = { kind: 'silent', url, worker };
    else if (found.kind === 'none') found = { kind: 'dead', worker };
  }
  return found;
}

/** @returns the worker of the stagegate that answers there; null when none does. */
/** @param token where others can come in, only whoever may read is told. */
export async function workerAt(url: string, token: string | null = null): Promise<string | null> {
  const answer = await ask(url, '/health/live', token);
  const { worker } = (answer?.body ?? {}) as { worker?: unknown };
  return typeof worker === 'string' ? worker : null;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * By the plain client and not by `fetch`: of a connection that is closed as soon as it is made, that may never hear, and
 * nothing keeps a program alive which waits for it.
 *
 * @returns null when nobody answers in time, or not with JSON.
 */
export async function ask(url: string, path: string, token: string | null = null): Promise<Answer | null> {
  const late = new AbortController();
  const limit = setTimeout(() => {
    late.abort();
  }, ANSWER_MS);
  try {
    const asked = new URL(path, url);
    const request = (asked.protocol === 'https:' ? getSecurely : get)(asked, {
      agent: false,
      signal: late.signal,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });
    // What comes after the answer has begun is told by the answer itself.
    request.on('error', () => undefined);
    const [response] = (await once(request, 'response', { signal: late.signal })) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: await json(response) };
  } catch {
    // Whoever is there, it is not a stagegate that is well.
    return null;
  } finally {
    clearTimeout(limit);
    late.abort();
  }
}
