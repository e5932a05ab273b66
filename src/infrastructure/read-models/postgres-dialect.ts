import {
  CompiledQuery,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import { types, type QueryResultRow } from 'pg';
import type { Session } from '../postgres/session';
import type { Sessions } from '../postgres/sessions';
import { readModelError } from './postgres-errors';

/** Commands whose row count says what they changed. */
const CHANGES: readonly string[] = ['INSERT', 'UPDATE', 'DELETE'];
/** As SQLite gives them: whole numbers are numbers. Those that are stored come from JSON, and so are safe ones. */
const PARSERS = {
  getTypeParser: (...[type, format]: Parameters<typeof types.getTypeParser>): ((text: string) => unknown) =>
    type === types.builtins.INT8 ? Number : (types.getTypeParser(type, format) as (text: string) => unknown),
};

/**
 * Kysely on a pool of PostgreSQL connections. Kysely's own driver is not used because it gives a connection back to the
 * pool whatever has become of it: one that no longer answers would be handed out again and again.
 */
export class PostgresReadDialect implements Dialect {
  /**
   * @param prepare runs before the first connection is given out, and again until it succeeds.
   * @param address for messages.
   */
  constructor(
    private readonly sessions: Sessions,
    private readonly prepare: (sessions: Sessions) => Promise<void>,
    private readonly address: string,
  ) {}

  createDriver(): Driver {
    return new PostgresReadDriver(this.sessions, this.prepare, this.address);
  }

  createQueryCompiler(): PostgresQueryCompiler {
    return new PostgresQueryCompiler();
  }

  createAdapter(): PostgresAdapter {
    return new PostgresAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new PostgresIntrospector(db);
  }
}

class PostgresReadDriver implements Driver {
  private prepared: Promise<void> | null = null;

  constructor(
    private readonly sessions: Sessions,
    private readonly prepare: (sessions: Sessions) => Promise<void>,
    private readonly address: string,
  ) {}

  async init(): Promise<void> {
    // A server may be away when the service starts: it is asked when something is wanted of it.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    try {
      await (this.prepared ??= this.prepare(this.sessions));
      return new PostgresReadConnection(await this.sessions.take(), this.address, this.doubt);
    } catch (error) {
      this.doubt();
      throw readModelError(error, this.address);
    }
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const { isolationLevel, accessMode } = settings;
    const level = isolationLevel === undefined ? '' : ` isolation level ${isolationLevel}`;
    await run(connection, `start transaction${level} ${accessMode ?? 'read write'}`);
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await run(connection, 'commit');
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // What ended the transaction is what the caller has to hear; a connection that is lost has no transaction any more.
    if (!own(connection).isLost) await run(connection, 'rollback');
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    own(connection).release();
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    return this.sessions.end();
  }

  /** Somebody may have put another database in its place. */
  private readonly doubt = (): void => {
    this.prepared = null;
  };
}

class PostgresReadConnection implements DatabaseConnection {
  constructor(
    private readonly session: Session,
    private readonly address: string,
    private readonly doubt: () => void,
  ) {}

  get isLost(): boolean {
    return this.session.isLost;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const { command, rowCount, rows } = await this.session.query<QueryResultRow>({
        text: sql,
        values: [...parameters],
        types: PARSERS,
      });
      const changed = CHANGES.includes(command) ? { numAffectedRows: BigInt(rowCount ?? 0) } : {};
      return { rows: rows as Row[], ...changed };
    } catch (error) {
      this.doubt();
      throw readModelError(error, this.address);
    }
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('read models are read in pages, not streamed');
  }

  release(): void {
    this.session.release();
  }
}

async function run(connection: DatabaseConnection, sql: string): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw(sql));
}

function own(connection: DatabaseConnection): PostgresReadConnection {
  if (connection instanceof PostgresReadConnection) return connection;
  throw new Error('a connection of another driver');
}
