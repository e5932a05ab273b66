import { migrate } from '../../src/infrastructure/event-stores/postgres/migrate';
import { startPrivatePostgres, type PrivatePostgres } from './private-postgres';

/** The role that services connect as in tests: it may append, and owns nothing. */
const SERVICE = 'service';

/** What no service may do, and its owner only without the trigger that refuses it. */
const EMPTY = `set session_replication_role = replica; truncate stagegate.event;
  update stagegate.head set position = 0`;

/** A server with any number of empty logs. For `beforeAll`, and `stop` in `afterAll`. */
export async function startPostgresLogs(): Promise<PostgresLogs> {
  const server = await startPrivatePostgres();
  try {
    await server.createRole(SERVICE);
    const template = await server.createDatabase();
    await migrate(server.url(template), SERVICE);
    return new PostgresLogs(server, template);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

export class PostgresLogs {
  private readonly free: string[] = [];

  constructor(
    readonly server: PrivatePostgres,
    private readonly template: string,
  ) {}

  /** @returns the name of a database with an empty log. */
  async create(): Promise<string> {
    return this.free.pop() ?? (await this.server.createDatabase({ template: this.template }));
  }

  /** Nobody is connected to it any more. Emptying one is a tenth of the work of making one. */
  async giveBack(database: string): Promise<void> {
    await this.server.query(EMPTY, database);
    this.free.push(database);
  }

  /** As a service connects to it. */
  url(database: string): string {
    return this.server.url(database, SERVICE);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
