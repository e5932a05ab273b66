import { request as plainRequest, STATUS_CODES, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { RefusedForGood } from '../../application/ports/alert-sink';
import { guardedLookup, objectionToHost, publicOr, type Resolve } from './guarded-lookup';

export interface Posting {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Hosts and addresses beside the public ones, as the operator has named them. */
  readonly allowed: readonly string[];
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly resolve?: Resolve | undefined;
}

/** What is read of an answer: whatever is behind it makes no difference. */
const MOST_BYTES = 64 * 1024;

/**
 * One POST over a connection of its own, to nobody whom the operator does not mean. It follows no redirect and uses no proxy of
 * the environment. The answer's status is all that counts.
 *
 * @returns the status in words, such as "204 No Content".
 * @throws what is in the way; an answer that is not 2xx, too: RefusedForGood where that will not change.
 */
export async function guardedPost(posting: Posting): Promise<string> {
  const { url, allowed, resolve, timeoutMs } = posting;
  const object = publicOr(allowed, url);
  const objection = objectionToHost(url, object);
  if (objection) throw objection;
  const late = new AbortController();
  const limit = setTimeout(() => {
    late.abort();
  }, timeoutMs);
  try {
    return await answered(posting, guardedLookup(object, resolve), AbortSignal.any([posting.signal, late.signal]));
  } finally {
    clearTimeout(limit);
  }
}

async function answered(posting: Posting, lookup: LookupFunction, signal: AbortSignal): Promise<string> {
  const { url } = posting;
  const response = await answerTo(posting, { lookup, signal, agent: false });
  const { statusCode = 0 } = response;
  const said = `${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trim();
  await drained(response, url, signal);
  if (statusCode >= 200 && statusCode < 300) return said;
  const note = statusCode >= 300 && statusCode < 400 ? ', a redirect, which is not followed' : '';
  const text = `${url.host}: expected an answer of 2xx, saw ${said}${note}`;
  throw isFinal(statusCode) ? new RefusedForGood(text) : new Error(text);
}

/** The request is at fault, and the same again would be. These three of its kind say: not now. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}

function answerTo({ url, headers, body }: Posting, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((answered, failed) => {
    const length = String(Buffer.byteLength(body));
    const request = (url.protocol === 'https:' ? secureRequest : plainRequest)(url, {
      ...options,
      method: 'POST',
      headers: { ...headers, 'content-length': length, connection: 'close', 'user-agent': 'stagegate' },
    });
    request.on('error', (error) => {
      failed(faultOf(error, url, options.signal));
    });
    // Without a listener Node closes the connection, and neither answers nor fails.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      failed(new Error(`${url.host}: expected an answer, saw it change to another protocol`));
    });
    request.on('response', answered);
    request.end(body);
  });
}

/** @throws where it does not come to an end in time. One that is too long has said enough. */
async function drained(response: IncomingMessage, url: URL, signal: AbortSignal): Promise<void> {
  let bytes = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes >= MOST_BYTES) break;
    }
  } catch (error) {
    throw faultOf(error as Error, url, signal);
  } finally {
    response.destroy();
  }
}

/** Without the path, which may be the secret. */
function faultOf(error: Error, { host }: URL, signal: AbortSignal | undefined): Error {
  if (error.message.startsWith(`${host}: `)) return error;
  const { code } = error as NodeJS.ErrnoException;
  const why = signal?.aborted ? 'nothing in time' : (code ?? error.message);
  return new Error(`${host}: expected an answer, saw ${why}`);
}
