import type Database from 'libsql';
import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import { retryBusy } from '../sqlite/retry-busy';

/**
 * Kysely on one libsql connection. Kysely's own SQLite driver is not used because its `begin` is deferred: of two
 * processes that read and then write, one would always fail, and a locked database would stop the event loop.
 */
export class LibsqlDialect implements Dialect {
  /** @param close what `destroy` does. */
  constructor(
    private readonly database: Database.Database,
    private readonly close: () => void = () => {
      database.close();
    },
  ) {}

  createDriver(): Driver {
    return new LibsqlDriver(this.database, this.close);
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): SqliteAdapter {
    return new SqliteAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** Statements that are kept: they change rows or read them, not tables. */
const KEPT = /^(?:select|insert|update|delete)\b/;
const MOST_PREPARED = 200;

class LibsqlDriver implements Driver {
  private readonly connection: LibsqlConnection;
  private free: Promise<void> = Promise.resolve();
  private release: () => void = () => undefined;

  constructor(
    private readonly database: Database.Database,
    private readonly close: () => void,
  ) {
    this.connection = new LibsqlConnection(database);
  }

  async init(): Promise<void> {
    // The database is open already.
  }

  /** There is one connection: whoever asks waits until everybody before has given it back. */
  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.free;
    let release: () => void = () => undefined;
    this.free = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    this.release = release;
    return this.connection;
  }

  async beginTransaction(_: DatabaseConnection, { accessMode }: TransactionSettings): Promise<void> {
    await this.control(accessMode === 'read only' ? 'begin' : 'begin immediate');
  }

  async commitTransaction(): Promise<void> {
    await this.control('commit');
  }

  async rollbackTransaction(): Promise<void> {
    await this.control('rollback');
  }

  releaseConnection(): Promise<void> {
    this.release();
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** Not as a prepared statement: one that met a lock stays in progress, and no transaction can be committed then. */
  private async control(sql: string): Promise<void> {
    await retryBusy(() => this.database.exec(sql));
  }
}

interface Prepared {
  readonly statement: Database.Statement;
  readonly isReader: boolean;
}

class LibsqlConnection implements DatabaseConnection {
  private readonly prepared = new Map<string, Prepared>();

  constructor(private readonly database: Database.Database) {}

  /** Writes happen within transactions only, so a lock can keep nothing but a read waiting: with the same statement. */
  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { statement, isReader } = this.prepared.get(sql) ?? (await this.prepare(sql));
    if (isReader) return { rows: await retryBusy(() => statement.all([...parameters]) as Row[]) };
    return { rows: [], numAffectedRows: BigInt(statement.run([...parameters]).changes) };
  }

  /** What is asked again and again is prepared once. */
  private async prepare(sql: string): Promise<Prepared> {
    const statement = await retryBusy(() => this.database.prepare(sql));
    const prepared = { statement, isReader: statement.reader };
    if (KEPT.test(sql)) {
      if (this.prepared.size === MOST_PREPARED) this.prepared.clear();
      this.prepared.set(sql, prepared);
    } else {
      // It may change what the others are about.
      this.prepared.clear();
    }
    return prepared;
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('read models are read in pages, not streamed');
  }
}
