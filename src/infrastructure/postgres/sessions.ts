import { Pool, type ClientConfig } from 'pg';
import { checkSession, connectError } from './check-session';
import { configOf, Connection, connectWithinMs, type ConnectionOptions } from './connection';
import { Session } from './session';

const IDLE_MS = 30_000;

export interface SessionsOptions extends ConnectionOptions {
  /** Connections at most. */
  readonly max: number;
}

/** Sessions on one database, made when they are needed and again after a break. */
export class Sessions {
  private readonly pool: Pool;
  private readonly connections = new Set<Connection>();
  private config: ClientConfig = {};

  constructor(private readonly options: SessionsOptions) {
    const { url, max } = options;
    const config = () => this.config;
    const made = this.connections;
    class Pooled extends Connection {
      constructor() {
        super(config());
        made.add(this);
        this.once('end', () => made.delete(this));
      }
    }
    this.pool = new Pool({
      Client: Pooled,
      max,
      connectionTimeoutMillis: connectWithinMs(url),
      idleTimeoutMillis: IDLE_MS,
      // It waits for the promise.
      onConnect: (client): unknown => checkSession(client, connectWithinMs(url)),
    });
    // One that breaks while it is idle is replaced.
    this.pool.on('error', () => undefined);
  }

  /** @throws Unsuitable; whatever the driver throws. To be given back by `release` or `drop`. */
  async take(): Promise<Session> {
    // Here and not when the pool makes one, which nobody may be waiting for: it may throw.
    if (this.pool.idleCount === 0) this.config = configOf(this.options);
    try {
      const client = await this.pool.connect();
      return new Session(client, (isLost) => {
        client.release(isLost);
      });
    } catch (error) {
      throw connectError(error);
    }
  }

  /** Does some work on one session. */
  async with<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.take();
    try {
      return await work(session);
    } finally {
      session.release();
    }
  }

  /** Waits for what is taken to be given back, and not long for a server that does not say goodbye. */
  async end(): Promise<void> {
    await this.pool.end();
    await Promise.all([...this.connections].map((connection) => connection.leave()));
  }
}

/**
 * Does some work on a session of its own, which is made for it and ended after it.
 *
 * @param signal ends it at once.
 * @throws Unsuitable; whatever the driver throws.
 */
export async function withOwnSession<T>(
  options: ConnectionOptions,
  work: (session: Session, connection: Connection) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const connection = new Connection(configOf(options));
  const cut = () => {
    connection.cut();
  };
  signal?.addEventListener('abort', cut);
  try {
    await connection.connect().catch((error: unknown) => {
      throw connectError(error);
    });
    await checkSession(connection, connectWithinMs(options.url));
    return await work(new Session(connection, () => undefined), connection);
  } finally {
    signal?.removeEventListener('abort', cut);
    await connection.leave();
  }
}
