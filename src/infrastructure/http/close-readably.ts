import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const closing = new WeakSet<object>();

/** Whether the last answer on this connection is given, and only the caller's end is waited for. */
export function isClosing(socket: object): boolean {
  return closing.has(socket);
}

/**
 * Ends a connection such that its last answer arrives. A socket that is closed while bytes of the caller are unread, or on their
 * way, is reset, and the caller may lose with it what was written before. So only our half is closed; what still comes is
 * thrown away, until the caller closes its half too, or for `withinMs`. The server's parser may make requests of it all the same:
 * see `unlessClosing`.
 */
export function closeReadably(socket: Duplex, withinMs: number): void {
  if (closing.has(socket) || socket.destroyed) return;
  closing.add(socket);
  const limit = setTimeout(() => socket.destroy(), withinMs);
  socket.once('close', () => {
    clearTimeout(limit);
  });
  // Both halves ended, it destroys itself.
  socket.end();
  socket.resume();
}

/**
 * Lets no request through whose connection has had its last answer: nobody would hear what became of it, or its caller was told that
 * it came too late. Stands behind whatever reads bodies, since that may happen while one arrives.
 */
export function unlessClosing(request: IncomingMessage, _response: unknown, next: () => void): void {
  if (isClosing(request.socket)) request.resume();
  else next();
}
