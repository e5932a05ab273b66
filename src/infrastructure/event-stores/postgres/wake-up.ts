import { once } from 'node:events';
import { Client } from 'pg';
import { backOff } from '../back-off';
import { CHANNEL } from './channel';

const CONNECT_WITHIN_MS = 5_000;

/**
 * A connection of its own that is told of every commit, whoever made it. It may miss some: after a break the log may have
 * grown, and a pooler between here and the server may keep them back. Whoever relies on it also looks now and then.
 */
export class WakeUp {
  private readonly stopping = new AbortController();
  private readonly listening: Promise<void>;

  /** @param onHead is told the newest position, and null when the log may have grown unnoticed. */
  constructor(
    private readonly url: string,
    private readonly onHead: (head: bigint | null) => void,
  ) {
    this.listening = this.listen();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.listening;
  }

  private async listen(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.listenOnce(() => {
          failures = 0;
          this.onHead(null);
        });
      } catch {
        // Those who read and write say what is wrong with the server; here it only has to come back.
        failures += 1;
      }
      await backOff(failures, signal);
    }
  }

  /** Until the connection is lost or `stop`. */
  private async listenOnce(onListening: () => void): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      application_name: 'stagegate wake-up',
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      keepAlive: true,
    });
    const over = new AbortController();
    const end = () => {
      over.abort();
    };
    const { signal } = this.stopping;
    signal.addEventListener('abort', end, { signal: over.signal });
    client.on('end', end);
    client.on('error', end);
    client.on('notification', ({ payload }) => {
      this.onHead(BigInt(payload ?? 0));
    });
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      onListening();
      if (!signal.aborted && !over.signal.aborted) await once(over.signal, 'abort');
    } finally {
      end();
      await client.end().catch(() => undefined);
    }
  }
}
