import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './api';

export type { components, paths } from './api';
export type Problem = components['schemas']['Problem'];

export interface ClientOptions {
  /** Where the service listens. */
  readonly url?: string;
  /** Of `stagegate token create`; reading needs none where the service listens on this machine alone. */
  readonly token?: string;
  /** Whatever sends requests; default: the one of Node. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** What the service has refused, or could not do. `problem.code` is what to branch on. */
export class StagegateError extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
  ) {
    super(`${problem.code}: ${problem.detail}`);
  }
}

/** Asks one service, with the types of its document. Refusals are in `error` of an answer; `dataOf` throws them. */
export function stagegateClient({ url = 'http://127.0.0.1:7420', token, fetch }: ClientOptions = {}): Client<paths> {
  return createClient<paths>({
    baseUrl: url,
    ...(fetch && { fetch }),
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
  });
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** @throws StagegateError for any answer but what was asked for. */
export async function dataOf<T>(answer: Promise<Answer<T>>): Promise<NonNullable<T>> {
  const { data, error, response } = await answer;
  if (data === undefined || data === null) throw new StagegateError(problemOf(error, response), response.status);
  return data;
}

/** Something in between may answer with no problem. */
function problemOf(error: unknown, { status }: Response): Problem {
  if (typeof error === 'object' && error !== null && 'code' in error) return error as Problem;
  const detail = `expected an answer of stagegate, saw ${String(status)} of something else`;
  return { type: '/problems/internal', title: 'internal', status, detail, code: 'internal' };
}
