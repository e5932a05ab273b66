import { setTimeout as delay } from 'node:timers/promises';
import { Client } from './client';
import { needsNewConnection } from './meanings';

/** What a client takes to end its calls; one that takes longer is left behind. */
const DISPOSE_WITHIN_MS = 1_000;

/** One client at a time, and the next one when the server does not answer it any more: a frozen connection is not mended. */
export class Connection {
  private client: Client;
  private replaced: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(private readonly url: string) {
    this.client = new Client(url);
  }

  /** @throws what `work` throws */
  async use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    await this.replaced;
    const { client } = this;
    try {
      return await work(client);
    } catch (error) {
      if (needsNewConnection(error)) this.replace(client);
      throw error;
    }
  }

  /** Another client from now on, unless somebody else who used the same one has already asked. */
  replace(used: Client): void {
    if (this.isClosed || used !== this.client) return;
    try {
      this.client = new Client(this.url);
    } catch {
      return; // The authority's file is being replaced: the next failure looks for it again.
    }
    // The new one must not append before the old one's calls are over.
    this.replaced = disposeOf(used);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.replaced;
    await disposeOf(this.client);
  }
}

async function disposeOf(client: Client): Promise<void> {
  const over = new AbortController();
  const disposed = client.dispose().catch(() => undefined); // Its calls have told what was wrong.
  const tooLong = delay(DISPOSE_WITHIN_MS, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([disposed, tooLong]);
  over.abort();
}
