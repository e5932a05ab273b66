import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../calls/client';
import { needsNewConnection } from '../calls/meanings';

/** What a client takes to end its calls; one that takes longer is left behind. */
const DISPOSE_WITHIN_MS = 1_000;

/** One client at a time, and the next one when the server does not answer it any more: a frozen connection is not mended. */
export class Connection {
  /** Made when it is needed: one that was never used would connect only to be disposed of. */
  private client: Client | null = null;
  private replaced: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(private readonly url: string) {}

  /** @throws what `work` throws; StoreUnavailable STORE_CA_FILE */
  async use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    await this.replaced;
    const client = (this.client ??= new Client(this.url));
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
    this.client = null;
    // The next one must not append before this one's calls are over.
    this.replaced = disposeOf(used);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.replaced;
    if (this.client) await disposeOf(this.client);
  }
}

async function disposeOf(client: Client): Promise<void> {
  const over = new AbortController();
  const disposed = client.dispose().catch(() => undefined); // Its calls have told what was wrong.
  const tooLong = delay(DISPOSE_WITHIN_MS, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([disposed, tooLong]);
  over.abort();
}
