import { connect, type Socket } from 'node:net';
import { guardedLookup, hostOf, objectionToHost, publicOr, type Resolve } from './guarded-lookup';

export interface Connecting {
  readonly url: URL;
  readonly port: number;
  /** Hosts and addresses beside the public ones, as the operator has named them. */
  readonly allowed: readonly string[];
  /** Ends the connection, whatever is going on there. */
  readonly signal: AbortSignal;
  readonly resolve?: Resolve | undefined;
}

/** A connection to nobody whom the operator does not mean. @throws what is in the way. */
export function guardedConnect({ url, port, allowed, signal, resolve }: Connecting): Promise<Socket> {
  const object = publicOr(allowed, url);
  const objection = objectionToHost(url, object);
  if (objection) return Promise.reject(objection);
  return new Promise((connected, failed) => {
    const socket = connect({ host: hostOf(url), port, lookup: guardedLookup(object, resolve), signal });
    // Stays: what happens before somebody else listens must not end the process.
    socket.on('error', failed);
    socket.once('connect', () => {
      connected(socket);
    });
  });
}
