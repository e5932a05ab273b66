import type { Duplex } from 'node:stream';

const closing = new WeakSet<object>();

/** Whether the last answer on this connection is given, and only the caller's end is waited for. */
export function isClosing(socket: object): boolean {
  return closing.has(socket);
}

/**
 * Ends a connection such that its last answer arrives. A socket that is closed while bytes of the caller are unread, or on their
 * way, is reset, and the caller may lose with it what was written before. So only our half is closed; what still comes is
 * thrown away, until the caller closes its half too, or for `withinMs`. It becomes no request: after the last one, and after an error,
 * the server's parser takes nothing.
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
