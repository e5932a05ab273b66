import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What a server does with whoever connects. */
export type Manner = (client: Socket) => void;

/** Takes the connection and never says a word. */
export const mute: Manner = () => undefined;

/** Talks, but something else. */
export const otherProtocol: Manner = (client) => client.write('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');

/** What no parser of PostgreSQL's protocol understands: rows that are announced and cut off. */
export const brokenFrames: Manner = (client) => {
  client.once('data', () => {
    client.write(Buffer.concat([AUTHENTICATED, frame('T', Buffer.from([0, 9, 65]))]));
  });
};

/** Lets anybody in, and answers nothing that is asked then. */
export const letsInAndStops: Manner = (client) => {
  client.once('data', () => {
    client.write(AUTHENTICATED);
  });
};

/** Closes every connection when it has heard who wants to come in. */
export const hangsUp: Manner = (client) => {
  client.once('data', () => client.destroy());
};

/** Is the real server at that socket, until somebody says what matches; from then on nobody hears anything. */
export function stopsAt(path: string, pattern: RegExp): Manner {
  return (client) => {
    const server = createConnection(path);
    let isOver = false;
    server.on('error', () => undefined).on('data', (chunk) => isOver || client.write(chunk));
    client.on('data', (chunk) => {
      isOver ||= pattern.test(chunk.toString('latin1'));
      if (!isOver) server.write(chunk);
    });
    client.on('close', () => server.destroy());
  };
}

/** A server on a port of this machine that is no good one. `stop` it. */
export class OddServer {
  private readonly clients = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(manner: Manner): Promise<OddServer> {
    const server = createServer();
    const odd = new OddServer(server);
    server.on('connection', (client) => {
      odd.clients.add(client);
      client.on('error', () => undefined).on('close', () => odd.clients.delete(client));
      manner(client);
      // Whoever reads nothing does not hear that the other side has gone.
      client.resume();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return odd;
  }

  /** @param options further parameters of the URL */
  url(options = ''): string {
    const { port } = this.server.address() as AddressInfo;
    return `postgres://ann:S3cr3t@127.0.0.1:${port}/log${options}`;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.clients.size;
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}

function frame(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

/** Let in, a process number and a key, ready for a query. */
const AUTHENTICATED = Buffer.concat([
  frame('R', Buffer.from([0, 0, 0, 0])),
  frame('K', Buffer.from([0, 0, 0, 7, 0, 0, 0, 7])),
  frame('Z', Buffer.from('I')),
]);
