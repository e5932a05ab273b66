import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { ReadModelUrl } from '../../../src/infrastructure/config/values/value-types';
import { openPostgresReadModels } from '../../../src/infrastructure/read-models/open-postgres-read-models';
import { IN_MEMORY, openReadModels } from '../../../src/infrastructure/read-models/open-read-models';
import { startPrivatePostgres, type PrivatePostgres } from '../../support/private-postgres';

/** A kind of database that read models may be kept in, for one test file. */
export interface TestDatabase {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** An empty one, which other processes can open too. */
  create(): Promise<{ readonly url: ReadModelUrl; remove(): void }>;
}

/** What `openReadModelsAt` does; it loads the drivers in a way that Jest does not know. */
export async function openAt(url: ReadModelUrl): Promise<Kysely<unknown>> {
  if (url.kind === 'postgres') return openPostgresReadModels(url.url);
  return openReadModels(url.kind === 'memory' ? IN_MEMORY : url.path);
}

const START_MS = 120_000;

/** Declares the same tests for every kind of database. */
export function onEveryDatabase(tests: (database: TestDatabase) => void): void {
  describe('in SQLite', () => {
    tests(SQLITE);
  });
  describe('in PostgreSQL', () => {
    const database = new PostgresDatabases();
    beforeAll(() => database.start(), START_MS);
    afterAll(() => database.stop());
    tests(database);
  });
}

export const SQLITE: TestDatabase = {
  start: async () => undefined,
  stop: async () => undefined,
  create: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stagegate-projections-'));
    const remove = () => {
      rmSync(folder, { recursive: true, force: true });
    };
    return { url: { kind: 'file', path: join(folder, 'read-models.db') }, remove };
  },
};

/** A server of the test file's own, with a database for each test. */
export class PostgresDatabases implements TestDatabase {
  private server: PrivatePostgres | null = null;

  get postgres(): PrivatePostgres {
    if (!this.server) throw new Error('the server has not been started');
    return this.server;
  }

  async start(): Promise<void> {
    this.server = await startPrivatePostgres();
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }

  async create() {
    const url = this.postgres.url(await this.postgres.createDatabase());
    // All of them go with the server.
    return { url: { kind: 'postgres', url } as const, remove: () => undefined };
  }
}
