import { readFileSync } from 'node:fs';
import { Client, type ClientConfig } from 'pg';
import { Unsuitable } from './check-session';
import { parseServerUrl, type TlsMode } from './server-url';
import { STARTUP_OPTIONS } from './session-settings';
import { surviveNonsense } from './survive-nonsense';

/** A server that does not answer within this time is taken for gone: the connection is given up. */
export const ANSWER_WITHIN_MS = 10_000;
const CONNECT_WITHIN_MS = 5_000;
/** A server that is told that a connection ends, and says nothing to it. */
const END_WITHIN_MS = 1_000;
const DEFAULT_PORT = 5432;

export interface ConnectionOptions {
  readonly url: string;
  /** What the server's own tools show. */
  readonly name: string;
  /** How long a query may take, seen from here. */
  readonly answerWithinMs?: number;
}

/** A connection as all of ours are: what it meets ends it, and never the process. */
export class Connection extends Client {
  /** @param config of `configOf` */
  constructor(config: ClientConfig) {
    super(config);
    surviveNonsense(this.connection);
    // Whoever uses the connection is told by the query. Without a listener it would end the process.
    this.on('error', () => undefined);
  }

  /** Ends it at once, whatever is under way. */
  cut(): void {
    this.connection.stream.destroy();
  }

  /** Says goodbye, and does not wait long for an answer. Never rejects. */
  async leave(): Promise<void> {
    const limit = setTimeout(() => {
      this.cut();
    }, END_WITHIN_MS);
    await this.end().catch(() => undefined);
    clearTimeout(limit);
  }
}

/** How long a connection to that server may take to be made. */
export function connectWithinMs(url: string): number {
  return parseServerUrl(url).connectWithinMs ?? CONNECT_WITHIN_MS;
}

/**
 * How all of our connections are made: with a limit for everything that is waited for, and with the settings of a session that are
 * relied on. Nothing but what is written here is taken from the URL.
 *
 * @throws Unsuitable when a file that the URL names cannot be read.
 */
export function configOf({ url, name, answerWithinMs = ANSWER_WITHIN_MS }: ConnectionOptions): ClientConfig {
  const { host, port, user, password, database, tls } = parseServerUrl(url);
  return {
    host,
    port: port ?? DEFAULT_PORT,
    user,
    password,
    database,
    ...(tls && tlsOptions(tls)),
    application_name: name,
    options: STARTUP_OPTIONS,
    connectionTimeoutMillis: connectWithinMs(url),
    query_timeout: answerWithinMs,
    keepAlive: true,
  };
}

function tlsOptions({ isVerified, rootCert, cert, key, isDirect }: TlsMode): ClientConfig {
  const files = {
    ...(rootCert !== undefined && { ca: textOf('sslrootcert', rootCert) }),
    ...(cert !== undefined && { cert: textOf('sslcert', cert) }),
    ...(key !== undefined && { key: textOf('sslkey', key) }),
  };
  return { ssl: { rejectUnauthorized: isVerified, ...files }, ...(isDirect && { sslnegotiation: 'direct' }) };
}

function textOf(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Unsuitable(`a file that can be read as ${parameter}`, `${path}: ${code ?? 'no file'}`, 'correct the URL');
  }
}
