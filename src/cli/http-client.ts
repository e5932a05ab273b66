import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import type { Client } from './client';
import { UserError } from './user-error';

/** Talks to a running service. @param base its address, without a path. */
export function httpClient(base: string): Client {
  const get = async <T>(path: string): Promise<T | null> => {
    const answer = await fetch(new URL(path, base));
    if (answer.status === 404) return null;
    return readAnswer<T>(answer);
  };
  const must = async <T>(path: string): Promise<T> => {
    const found = await get<T>(path);
    if (found === null)
      throw new UserError(`${base}${path}: expected an answer, saw 404; is that a stagegate of this version?`);
    return found;
  };
  const post = async <T>(path: string, body: unknown): Promise<T> => {
    const headers = { 'content-type': 'application/json' };
    return readAnswer<T>(await fetch(new URL(path, base), { method: 'POST', headers, body: JSON.stringify(body) }));
  };
  const task = (id: string, rest = '') => `/v1/tasks/${encodeURIComponent(id)}${rest}`;
  return {
    queue: (page) => must(`/queue${asked({ ...page })}`),
    task: (id) => get(task(id)),
    why: (id) => get(task(id, '/why')),
    events: (id) => get(task(id, '/events')),
    runs: (taskId) => must(`/v1/runs${asked({ task: taskId })}`),
    run: (runId) => get(`/v1/runs/${encodeURIComponent(runId)}`),
    log: async (runId) => {
      const answer = await fetch(new URL(`/v1/runs/${encodeURIComponent(runId)}/log`, base));
      if (answer.status === 404) return null;
      if (!answer.ok) await readAnswer(answer);
      return Readable.fromWeb(answer.body as WebStream);
    },
    submit: (request) => post('/v1/tasks', request),
    operate: (operation, id, by, reason) => post(task(id, `/${operation}`), { by, reason }),
    close: () => Promise.resolve(),
  };
}

/** Without what is null; empty when nothing is left. */
function asked(parameters: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== null);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

async function readAnswer<T>(answer: Response): Promise<T> {
  const body = (await answer.json()) as T & { detail?: string };
  if (answer.ok) return body;
  throw new UserError(body.detail ?? `the service answered ${answer.status}`);
}
