import { createServer, STATUS_CODES, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { ExpressAdapter } from '@nestjs/platform-express';
import { closeReadably, isClosing } from './close-readably';
import type { HttpLimits } from './http-limits';
import { problem } from './problem.filter';

/** Express on a server that gives nobody more of its time than the limits say. */
export class LimitedAdapter extends ExpressAdapter {
  constructor(private readonly limits: HttpLimits) {
    super();
  }

  override initHttpServer(): void {
    const { headersWithinMs, requestWithinMs, lookEveryMs, silenceMs, keepAliveMs, lingerMs, connections } =
      this.limits;
    const server = createServer(
      {
        headersTimeout: headersWithinMs,
        requestTimeout: requestWithinMs,
        connectionsCheckingInterval: lookEveryMs,
        keepAliveTimeout: keepAliveMs,
      },
      this.getInstance<RequestListener>(),
    );
    server.maxConnections = connections;
    server.setTimeout(silenceMs);
    server.on('connection', (socket) => {
      // What the server calls after the last answer of a connection.
      socket.destroySoon = () => {
        closeReadably(socket, lingerMs);
      };
    });
    server.on('clientError', (error, socket) => {
      refuse(error, socket, lingerMs);
    });
    this.setHttpServer(server);
  }

  /** Requests that come are refused; those under way have a while. */
  override async close(): Promise<void> {
    const server = this.getHttpServer() as Server;
    const limit = setTimeout(() => {
      server.closeAllConnections();
    }, this.limits.closeWithinMs);
    await new Promise((resolve) => server.close(resolve));
    clearTimeout(limit);
  }
}

const STATUS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};
const DETAIL: Readonly<Record<number, string>> = {
  400: 'expected a request of HTTP/1.1, saw something else',
  408: 'expected all of the request in time, saw a part of it; send it at once',
  413: 'expected chunks without extensions of that size, saw too much; send less',
  431: 'expected a smaller head, saw too much; send less',
};

/** What is no request, or never becomes one, has no route that could answer it. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex, lingerMs: number): void {
  // Said already; the rest of it is no request either.
  if (isClosing(socket)) return;
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = STATUS[error.code ?? ''] ?? 400;
  const title = STATUS_CODES[status] ?? '';
  const body = JSON.stringify(problem(status, title.toLowerCase().replaceAll(' ', '-'), DETAIL[status] ?? title));
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  closeReadably(socket, lingerMs);
}
