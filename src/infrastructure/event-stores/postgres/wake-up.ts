import { once } from 'node:events';
import { withOwnSession } from '../../postgres/sessions';
import { backOff } from '../back-off';
import { CHANNEL } from './channel';

/**
 * A connection of its own that is told of every commit, whoever made it. It may miss some: after a break the log may have
 * grown. Whoever relies on it also looks now and then.
 */
export class WakeUp {
  private readonly stopping = new AbortController();
  private readonly listening: Promise<void>;

  /** @param onHint is given what was told, which anybody may have said; null when the log may have grown unnoticed. */
  constructor(
    private readonly url: string,
    private readonly onHint: (payload: string | null) => void,
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
          this.onHint(null);
        });
      } catch {
        // Those who read and write say what is wrong with the server; here it only has to come back.
        failures += 1;
      }
      await backOff(failures, signal);
    }
  }

  /** Until the connection is lost or `stop`. */
  private listenOnce(onListening: () => void): Promise<void> {
    const { signal } = this.stopping;
    return withOwnSession(
      { url: this.url, name: 'stagegate wake-up' },
      async (session, connection) => {
        const over = once(connection, 'end', { signal });
        over.catch(() => undefined);
        connection.on('notification', ({ payload }) => {
          this.onHint(payload ?? '');
        });
        await session.query(`listen ${CHANNEL}`);
        onListening();
        await over;
      },
      signal,
    );
  }
}
