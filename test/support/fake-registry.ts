import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Part } from './image-parts';

export interface Asked {
  readonly path: string;
  readonly host: string;
  readonly authorization: string | null;
  readonly accept: string;
}

type Answering = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean;

/** Plays the distribution API on the loopback address: what was pushed is there, and tests say what goes wrong. */
export class FakeRegistry {
  readonly asked: Asked[] = [];
  /** Asked first; true where it has answered, or has taken care that nobody does. */
  instead: Answering = () => false;
  private readonly stored = new Map<string, Part>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', this.url);
      this.asked.push({
        path: url.pathname + url.search,
        host: request.headers.host ?? '',
        authorization: request.headers.authorization ?? null,
        accept: request.headers.accept ?? '',
      });
      if (!this.instead(request, response, url)) this.answer(url.pathname, response);
    });
  }

  static async start(): Promise<FakeRegistry> {
    const registry = new FakeRegistry();
    registry.server.listen(0, '127.0.0.1');
    await once(registry.server, 'listening');
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  push(repository: string, tag: string | null, manifest: Part, ...blobs: readonly Part[]): void {
    if (tag !== null) this.stored.set(`/v2/${repository}/manifests/${tag}`, manifest);
    this.stored.set(`/v2/${repository}/manifests/${manifest.digest}`, manifest);
    for (const blob of blobs) this.stored.set(`/v2/${repository}/blobs/${blob.digest}`, blob);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(path: string, response: ServerResponse): void {
    const found = this.stored.get(path);
    if (!found) response.writeHead(404, { 'content-type': 'application/json' }).end('{"errors":[]}');
    else response.writeHead(200, { 'content-type': found.mediaType }).end(found.bytes);
  }
}
