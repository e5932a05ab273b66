import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import type { EventsAsked } from '../application/event-feed/event-requests';
import type { Client } from './client';
import { MOST_PER_PAGE } from '../projections/page';
import { followedEvents } from './events/followed-events';
import { tokenIn, type FoundOperatorFile } from './operator-file';
import { Refused, UserError } from './user-error';
import { withinSentence } from '../domain/within-sentence';

/** The longest answers are queues of the past, from this very machine. */
export const ANSWER_WITHIN_MS = 120_000;

const LARGEST = String(MOST_PER_PAGE);

/** A running service. */
export interface Service {
  /** Its address, without a path. */
  readonly url: string;
  /** How it takes orders from this user: null when it has not said so, as one of an older version. */
  readonly orders: FoundOperatorFile;
  /** Finds the one that is there now, for who stays over its end; null for none. Left out where its address is all that is known. */
  readonly again?: () => Promise<Service | null>;
}

/** Talks to a running service. @param withinMs for each answer */
export function httpClient({ url: base, orders, again }: Service, withinMs = ANSWER_WITHIN_MS): Client {
  const ask = <T>(path: string, read: (answer: Response) => Promise<T>): Promise<T> => {
    const token = tokenIn(orders);
    return answered(new URL(path, base), withinMs, read, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });
  };
  /** What changes anything, and what is not for everybody's eyes, is asked for with the secret of the operator's file. */
  const order = async <T>(
    method: string,
    path: string,
    body?: unknown,
    more: Readonly<Record<string, string>> = {},
  ): Promise<T> => {
    const { url, token } = orderable(orders, base);
    const headers = {
      ...more,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== null && { authorization: `Bearer ${token}` }),
    };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return answered(new URL(path, url), withinMs, readAnswer<T>, init);
  };
  const readingAgain = async () => {
    const { url, orders: found } = (await again?.()) ?? { url: base, orders };
    return { url, token: tokenIn(found) };
  };
  const get = <T>(path: string): Promise<T | null> =>
    ask(path, (answer) => (answer.status === 404 ? Promise.resolve(null) : readAnswer<T>(answer)));
  const must = <T>(path: string): Promise<T> => ask(path, readAnswer<T>);
  const post = <T>(path: string, body: unknown): Promise<T> => order('POST', path, body);
  /** No longer than that until it begins; from then on as long as something comes. @param unknown code of what is null */
  const streamed = (path: string, unknown: string): Promise<Readable | null> =>
    ask(path, async (answer) => {
      if (answer.ok) return Readable.fromWeb(answer.body as WebStream);
      return readAnswer<never>(answer).catch((error: unknown) => {
        if (error instanceof Refused && error.code === unknown) return null;
        throw error;
      });
    });
  const task = (id: string, rest = '') => `/v1/tasks/${encodeURIComponent(id)}${rest}`;
  /** Whoever has typed it has seen the task some time ago: a revision that is read now would be no condition of theirs. */
  const decide = <T>(id: string, path: string, body: unknown): Promise<T> =>
    order('POST', task(id, path), body, { 'if-match': '*' });
  return {
    queue: (page) => must(`/queue${asked({ ...page })}`),
    task: (id) => get(task(id)),
    why: (id) => get(task(id, '/why')),
    events: (id, cursor) => get(task(id, `/events${asked({ limit: LARGEST, cursor })}`)),
    logEvents: {
      page: (page) => must(eventsPath(page)),
      follow: (events, signal, note) =>
        followedEvents({ service: readingAgain, pathOf: eventsPath, signal, note }, events),
    },
    runs: (taskId) => must(`/v1/runs${asked({ task: taskId })}`),
    flakes: (page) => must(`/v1/flakes${asked({ ...page })}`),
    run: (runId) => get(`/v1/runs/${encodeURIComponent(runId)}`),
    determinization: (project) => must(`/v1/determinization${asked({ project })}`),
    log: (runId) => streamed(`/v1/runs/${encodeURIComponent(runId)}/log`, 'not-found'),
    artifacts: (id, cursor) => get(task(id, `/artifacts${asked({ limit: LARGEST, cursor })}`)),
    artifact: (id, named) => streamed(task(id, `/artifacts/${encodeURIComponent(named)}`), 'unknown-task'),
    submit: (request) => post('/v1/tasks', request),
    operate: (operation, id, reason) => post(task(id, `/${operation}`), { reason }),
    changePriority: (id, priority) => post(task(id, '/priority'), { priority }),
    createToken: (request) => post('/v1/tokens', request),
    revokeToken: (named, reason) => post(`/v1/tokens/${encodeURIComponent(named)}/revoke`, { reason }),
    tokens: (cursor) => order('GET', `/v1/tokens${asked({ limit: LARGEST, cursor })}`),
    switches: (project) => must(`/v1/switches${asked({ project })}`),
    alerts: (page) => must(`/v1/alerts${asked({ ...page })}`),
    answerAlert: (kind, { alert, note }) => post(`/v1/alerts/${encodeURIComponent(alert)}/${kind}`, { note }),
    deliveries: (page) => must(`/v1/deliveries${asked({ ...page })}`),
    redeliver: (request) => post('/v1/deliveries/redeliver', request),
    resumeLane: ({ project, reason }) => post(`/v1/projects/${encodeURIComponent(project)}/lane/resume`, { reason }),
    setSwitch: ({ project, switch: name, state, reason }) =>
      post(`/v1/projects/${encodeURIComponent(project)}/switches/${encodeURIComponent(name)}`, { state, reason }),
    evidence: (id, request) => post(task(id, '/evidence'), request),
    override: (id, request) => decide(id, '/override', request),
    waive: (id, request) => decide(id, '/waivers', request),
    work: ({ project = null, role = null }) => must(`/v1/work${asked({ project, role })}`),
    takeWork: (request) => post('/v1/work', request),
    heartbeat: (id, cited) => post(`/v1/work/${encodeURIComponent(id)}/heartbeat`, cited),
    completeWork: (id, request) => post(`/v1/work/${encodeURIComponent(id)}/complete`, request),
    giveUpWork: (how, id, request) => post(`/v1/work/${encodeURIComponent(id)}/${how}`, request),
    close: () => Promise.resolve(),
  };
}

/** @throws UserError when the file is not one to rely on: what it says may come from somebody else. */
export function orderable(
  orders: FoundOperatorFile,
  base: string,
): { readonly url: string; readonly token: string | null } {
  if (orders === null) return { url: base, token: null };
  if ('objection' in orders) throw new UserError(orders.objection);
  return orders;
}

function eventsPath({ from, project, task, type, limit }: EventsAsked): string {
  const given = { from, project, task, type, limit };
  return `/v1/events${asked(Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value ?? null])))}`;
}

/** Without what is null; empty when nothing is left. */
function asked(parameters: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== null);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** What `read` takes of the answer, within the time. @throws UserError when there is none. */
export async function answered<T>(
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
  const body = (await answer.json()) as T & { detail?: string; code?: string };
  if (answer.ok) return body;
  throw new Refused(body.detail ?? `the service answered ${answer.status}`, body.code ?? String(answer.status));
}
