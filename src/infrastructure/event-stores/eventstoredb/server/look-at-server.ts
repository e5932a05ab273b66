import { connect as connectPlainly, isIP, type Socket } from 'node:net';
import { connect as connectByTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { hostsOf, optionOf, type Host } from './address';
import { authorityOf } from './authority';

/** Each host; what takes longer is told as such. */
const WITHIN_MS = 2_000;
/** Whoever speaks TLS answers at once; whoever does not may never. */
const TLS_WITHIN_MS = 500;

/**
 * Goes to each host of the URL by itself, as far as a connection on which calls could be made. The client tells nobody what it
 * met when it knows several hosts, and only that it was not answered when a handshake goes wrong slowly.
 *
 * @returns what is wrong, in the words of Node; null when there is nothing up to there.
 */
export async function lookAtServer(url: string): Promise<string | null> {
  const hosts = hostsOf(url);
  const isPlain = optionOf(url, 'tls') === 'false';
  const seen = await Promise.all(
    hosts.map((host) => (isPlain ? lookPlainly(host) : lookByTls(host, authorityOf(url)))),
  );
  const first = seen.findIndex((words) => words !== null);
  const [host, words] = [hosts[first], seen[first]];
  if (!host || words === null || words === undefined) return null;
  return hosts.length === 1 ? words : `${words} (${host.name}:${host.port})`;
}

async function lookPlainly({ name, port }: Host): Promise<string | null> {
  const words = await connected(connectPlainly(port, name), 'connect');
  if (words !== null) return words;
  // Nothing is said to it: it is only to be known whether it would.
  const socket = connectByTls({ port, host: name, ...namedBy(name), rejectUnauthorized: false });
  return (await connected(socket, 'secureConnect', TLS_WITHIN_MS)) === null ? 'one that speaks TLS' : null;
}

async function lookByTls({ name, port }: Host, authority: Buffer | null): Promise<string | null> {
  const options: ConnectionOptions = { port, host: name, ...namedBy(name), ALPNProtocols: ['h2'] };
  const socket = connectByTls({ ...options, ...(authority && { ca: authority }) });
  const words = await connected(socket, 'secureConnect');
  if (words !== null) return words;
  return socket.alpnProtocol === 'h2' ? null : 'one that speaks no HTTP/2';
}

function namedBy(name: string): ConnectionOptions {
  return isIP(name) === 0 ? { servername: name } : {};
}

/** @returns why it came to nothing; null when it came about. */
function connected(
  socket: Socket | TLSSocket,
  event: 'connect' | 'secureConnect',
  withinMs = WITHIN_MS,
): Promise<string | null> {
  return new Promise((resolve) => {
    const settle = (words: string | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(words);
    };
    let isOpen = false;
    socket.once('connect', () => {
      isOpen = true;
    });
    const timer = setTimeout(() => {
      settle(isOpen ? `no answer within ${withinMs} ms to a TLS handshake` : `no connection within ${withinMs} ms`);
    }, withinMs);
    socket.once(event, () => {
      settle(null);
    });
    // Stays: one that nobody hears ends the process.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      settle(error.message.includes(error.code ?? '') ? error.message : `${error.code ?? ''}: ${error.message}`);
    });
  });
}
