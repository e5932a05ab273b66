import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
  type McpHttpHandler,
} from '@modelcontextprotocol/server';
import { FORWARDED } from '../../infrastructure/http/forwarded';
import { mcpServer } from './mcp-server';
import type { OperationSpec } from './operations';

export interface McpFace {
  readonly url: string;
  close(): Promise<void>;
}

const PATH = '/mcp';
const ADDRESS = 'http://127.0.0.1';
/** The largest body that the service takes, and an envelope around it. */
const MAX_BODY_BYTES = 1_100_000;
const REQUEST_MS = 30_000;

/**
 * MCP over streamable HTTP, on loopback, without sessions: any process can answer any call. Who calls is who the call's own
 * token says; a call without one is nobody's, whoever has started this.
 *
 * @param service address of the service, without a path.
 */
export async function serveMcpHttp(
  service: string,
  operations: ReadonlyMap<string, OperationSpec>,
  port: number,
  onerror: (error: Error) => void,
): Promise<McpFace> {
  const handler = createMcpHandler(
    ({ requestInfo }) => mcpServer(operations, { url: service, headers: passedOn(requestInfo?.headers) }),
    { onerror },
  );
  const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
    answer(handler, request, response).catch((error: unknown) => {
      onerror(error as Error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`,
    close: async () => {
      await handler.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Who asks, and that it was not somebody of this machine: to those the service shows nothing without a token. */
function passedOn(headers: Headers | undefined): Readonly<Record<string, string>> {
  const named = ['authorization', ...FORWARDED].map((name) => [name, headers?.get(name) ?? ''] as const);
  return Object.fromEntries(named.filter(([, value]) => value !== ''));
}

async function answer({ fetch }: McpHttpHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asked = await requestOf(request);
  const reply = asked === null ? new Response(null, { status: 413 }) : (refusal(asked) ?? (await fetch(asked)));
  response.writeHead(reply.status, Object.fromEntries(reply.headers));
  if (reply.body === null) response.end();
  else await pipeline(Readable.fromWeb(reply.body), response);
}

/** A page in a browser of this machine must not get at the tools. */
function refusal(asked: Request): Response | undefined {
  if (new URL(asked.url).pathname !== PATH) return new Response(`expected ${PATH}\n`, { status: 404 });
  return (
    hostHeaderValidationResponse(asked, localhostAllowedHostnames()) ??
    originValidationResponse(asked, localhostAllowedOrigins())
  );
}

/** @returns null for a body that is too large. */
async function requestOf(request: IncomingMessage): Promise<Request | null> {
  const { method = 'GET', url = '/', headers } = request;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  const given = Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]);
  const body = bytes === 0 ? {} : { body: Buffer.concat(chunks) };
  return new Request(new URL(url, ADDRESS), { method, headers: given, ...body });
}
