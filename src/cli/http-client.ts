import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import type { Client } from './client';
import { UserError } from './user-error';
import { withinSentence } from '../domain/within-sentence';

/** The longest answers are queues of the past, from this very machine. */
const ANSWER_WITHIN_MS = 120_000;

/** Talks to a running service. @param base its address, without a path. @param withinMs for each answer */
export function httpClient(base: string, withinMs = ANSWER_WITHIN_MS): Client {
  const ask = <T>(path: string, read: (answer: Response) => Promise<T>, init: RequestInit = {}): Promise<T> =>
    answered(new URL(path, base), withinMs, read, init);
  const get = <T>(path: string): Promise<T | null> =>
    ask(path, (answer) => (answer.status === 404 ? Promise.resolve(null) : readAnswer<T>(answer)));
  const must = <T>(path: string): Promise<T> => ask(path, readAnswer<T>);
  const post = <T>(path: string, body: unknown): Promise<T> => {
    const headers = { 'content-type': 'application/json' };
    return ask(path, readAnswer<T>, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  const task = (id: string, rest = '') => `/v1/tasks/${encodeURIComponent(id)}${rest}`;
  return {
    queue: (page) => must(`/queue${asked({ ...page })}`),
    task: (id) => get(task(id)),
    why: (id) => get(task(id, '/why')),
    events: (id) => get(task(id, '/events')),
    runs: (taskId) => must(`/v1/runs${asked({ task: taskId })}`),
    run: (runId) => get(`/v1/runs/${encodeURIComponent(runId)}`),
    // No longer than that until it begins; from then on as long as something comes.
    log: (runId) =>
      ask(`/v1/runs/${encodeURIComponent(runId)}/log`, async (answer) => {
        if (answer.status === 404) return null;
        if (!answer.ok) await readAnswer(answer);
        return Readable.fromWeb(answer.body as WebStream);
      }),
    submit: (request) => post('/v1/tasks', request),
    operate: (operation, id, reason) => post(task(id, `/${operation}`), { reason }),
    changePriority: (id, priority) => post(task(id, '/priority'), { priority }),
    close: () => Promise.resolve(),
  };
}

/** Without what is null; empty when nothing is left. */
function asked(parameters: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== null);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** What `read` takes of the answer, within the time. @throws UserError when there is none. */
async function answered<T>(
  url: URL,
  withinMs: number,
  read: (answer: Response) => Promise<T>,
  init: RequestInit,
): Promise<T> {
  const late = new AbortController();
  const limit = setTimeout(() => {
    late.abort();
  }, withinMs);
  try {
    return await read(await fetch(url, { ...init, signal: late.signal }));
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { message, cause } = error as Error & { cause?: Error };
    const seen = late.signal.aborted ? `none within ${withinMs / 1_000} s` : (cause?.message ?? message);
    throw new UserError(
      `${url.href}: expected an answer, saw ${withinSentence(seen)}; look into the log of the service`,
    );
  } finally {
    clearTimeout(limit);
  }
}

async function readAnswer<T>(answer: Response): Promise<T> {
  const body = (await answer.json()) as T & { detail?: string };
  if (answer.ok) return body;
  throw new UserError(body.detail ?? `the service answered ${answer.status}`);
}
