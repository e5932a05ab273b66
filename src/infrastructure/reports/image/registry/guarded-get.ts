import { request as plainRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as secureRequest } from 'node:https';
import { reachOf, type Reach } from '../../../outbound/addresses';
import { guardedLookup, objectionToHost, type Resolve } from '../../../outbound/guarded-lookup';
import { RegistryFault } from './registry-fault';

export interface Answer {
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly bytes: Uint8Array;
  /** Who has answered. */
  readonly reach: Reach;
}

export interface Question {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly mostBytes: number;
  /** Asked of every address of the host, right before it is connected to: no second look-up can give another one. */
  readonly mayReach: (reach: Reach) => boolean;
  readonly signal: AbortSignal;
  readonly resolve?: Resolve | undefined;
}

/** One GET, which follows nothing and keeps nothing. @throws RegistryFault */
export function guardedGet(question: Question): Promise<Answer> {
  const { url, headers, mayReach, signal, resolve } = question;
  const object = (address: string) => (mayReach(reachOf(address)) ? null : unsafe(url, address));
  const objection = objectionToHost(url, object);
  if (objection) return Promise.reject(objection);
  const lookup = guardedLookup(object, resolve);
  const options: RequestOptions = { headers, lookup, signal, agent: false };
  return new Promise((answered, failed) => {
    const request = (url.protocol === 'https:' ? secureRequest : plainRequest)(url, options);
    const fail = (error: Error) => {
      request.destroy();
      failed(faultOf(error, url, signal));
    };
    request.on('error', fail);
    // Without a listener Node closes the connection, and neither answers nor fails.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      fail(malformed(url, 'expected an answer, saw it change to another protocol'));
    });
    request.on('response', (response) => {
      bodyOf(response, question).then((bytes) => {
        answered(answerOf(response, bytes));
      }, fail);
    });
    request.end();
  });
}

async function bodyOf(response: IncomingMessage, { mostBytes, url }: Question): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of response as AsyncIterable<Uint8Array>) {
    total += part.length;
    if (total > mostBytes) throw malformed(url, `expected at most ${mostBytes} bytes, saw more`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function answerOf({ statusCode = 0, headers, socket }: IncomingMessage, bytes: Uint8Array): Answer {
  return {
    status: statusCode,
    header: (name) => {
      const value = headers[name];
      return typeof value === 'string' ? value : null;
    },
    bytes,
    reach: reachOf(socket.remoteAddress ?? ''),
  };
}

function faultOf(error: Error, url: URL, signal: AbortSignal): RegistryFault {
  if (error instanceof RegistryFault) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code.startsWith('HPE_')) return malformed(url, `expected HTTP, saw something else (${code})`);
  const why = signal.aborted ? 'the time was up' : code || error.message;
  return new RegistryFault('registry_down', `${url.host}: expected an answer, saw none: ${why}`);
}

function unsafe(url: URL, address: string): RegistryFault {
  return new RegistryFault(
    'registry_unsafe',
    `${url.host}: expected a server that may be asked, saw the address ${address} (${reachOf(address)})`,
  );
}

function malformed({ host }: URL, what: string): RegistryFault {
  return new RegistryFault('registry_malformed', `${host}: ${what}`);
}
