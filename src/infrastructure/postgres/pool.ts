import { Pool, type PoolClient } from 'pg';

/** A server that does not answer within this time is taken for gone: the connection is given up. */
export const ANSWER_WITHIN_MS = 10_000;
const CONNECT_WITHIN_MS = 5_000;
const IDLE_MS = 30_000;

export interface PoolOptions {
  /** Connections at most. */
  readonly max: number;
  /** What the server's own tools show. */
  readonly name: string;
  /** How long a query may take, seen from here. */
  readonly answerWithinMs?: number;
}

/** Connections to one database, made when they are needed and again after a break. */
export function createPool(url: string, { max, name, answerWithinMs = ANSWER_WITHIN_MS }: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    max,
    application_name: name,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: answerWithinMs,
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
  });
  // Whoever uses the connection is told by the query; an idle one is replaced. Without a listener either ends the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * Does some work on one connection. One that failed other than by the server's own refusal is not used again: an answer
 * that comes late would be taken for that of the next query.
 */
export async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    const result = await work(client);
    client.release();
    return result;
  } catch (error) {
    client.release(!isRefusal(error));
    throw error;
  }
}

/** The server has answered: what was asked has been undone, and the connection is as good as before. */
export function isRefusal(error: unknown): boolean {
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && severity === 'ERROR';
}
