import type { Kysely } from 'kysely';
import { Clock, type Cancel } from '../../../src/application/ports/clock';
import type { EventStore } from '../../../src/application/ports/event-store';
import { Projects, type Project } from '../../../src/application/projects';
import { NOTHING_CONFIGURED, type ConfiguredSwitches } from '../../../src/domain/policy/switches-in-force';
import { GENERATIONS, type GenerationSchema } from '../../../src/projections/generations/generations';
import { LogIdentity } from '../../../src/application/log-identity';
import type { Projection, Table } from '../../../src/projections/projection';
import { ReadModels } from '../../../src/projections/read-models';
import { from } from '../../../src/projections/rows/tables';
import type { ReadModelUrl } from '../../../src/infrastructure/config/values/value-types';
import { QuietLogger } from '../../support/quiet-logger';
import { openAt, SQLITE, type TestDatabase } from './databases';

/** The wall clock stands where it is told; waiting is real. */
export class TestClock extends Clock {
  constructor(private readonly nowMs: () => number) {
    super();
  }

  now(): number {
    return this.nowMs();
  }

  monotonic(): number {
    return performance.now();
  }

  after(delayMs: number, wake: () => void): Cancel {
    const timer = setTimeout(wake, delayMs);
    return () => {
      clearTimeout(timer);
    };
  }
}

/** Everything on, nothing configured: policies come from the log. */
export class NoProjects extends Projects {
  get(): Project | null {
    return null;
  }

  all(): readonly Project[] {
    return [];
  }

  fault(): null {
    return null;
  }

  configuredSwitches(): ConfiguredSwitches {
    return NOTHING_CONFIGURED;
  }
}

/** The database of one test, made when it is first opened. */
export class Workspace {
  private readonly opened: Kysely<unknown>[] = [];
  private made: ReturnType<TestDatabase['create']> | null = null;

  constructor(private readonly database: TestDatabase = SQLITE) {}

  /** A connection of its own, as another process has one. */
  async open(): Promise<Kysely<unknown>> {
    const db = await openAt(await this.url());
    this.opened.push(db);
    return db;
  }

  async url(): Promise<ReadModelUrl> {
    this.made ??= this.database.create();
    return (await this.made).url;
  }

  async remove(): Promise<void> {
    await Promise.all(this.opened.map((db) => db.destroy()));
    (await this.made)?.remove();
  }
}

export function runnerDeps(store: EventStore, db: Kysely<unknown>) {
  return { store, db, log: new LogIdentity(store), clock: new TestClock(Date.now), logger: new QuietLogger() };
}

export function modelsOn(store: EventStore, db: Kysely<unknown>): ReadModels {
  return new ReadModels(db, new LogIdentity(store));
}

/** The number, version and status of every generation of a projection, the newest first. */
export async function generationsIn(db: Kysely<unknown>, { name }: Projection) {
  const rows = await db
    .withTables<GenerationSchema>()
    .selectFrom(GENERATIONS)
    .selectAll()
    .where('projection', '=', name)
    .where('generation', '>', 0)
    .orderBy('generation', 'desc')
    .execute();
  return rows.map(({ generation, version, status, position }) => ({ generation, version, status, position }));
}

/** Everything readers can see of some projections, as text. */
export async function dump(db: Kysely<unknown>, projections: readonly Projection[]): Promise<string> {
  const parts: string[] = [];
  for (const projection of projections) {
    const current = (await generationsIn(db, projection)).find(({ status }) => status === 'live');
    if (!current) throw new Error(`${projection.name} has not been built`);
    parts.push(`${projection.name} ${current.position}`);
    for (const table of projection.tables) {
      parts.push(`${table.name}\n${await dumpTable(db, table, current.generation)}`);
    }
  }
  return parts.join('\n');
}

/** Every row in the order of keys, as text: two tables are equal when this is. */
async function dumpTable(db: Kysely<unknown>, table: Table, generation: number): Promise<string> {
  const names = ['key', ...Object.keys(table.columns)];
  const rows = await from(db, table.name, generation).selectAll().orderBy('key').execute();
  return rows.map((row) => JSON.stringify(names.map((name) => row[name]))).join('\n');
}
