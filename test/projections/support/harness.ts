import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { Clock, type Cancel } from '../../../src/application/ports/clock';
import type { EventStore } from '../../../src/application/ports/event-store';
import { Log } from '../../../src/application/ports/log';
import { Projects, type Project } from '../../../src/application/projects';
import { GENERATIONS, type GenerationSchema } from '../../../src/projections/generations';
import { LogIdentity } from '../../../src/application/log-identity';
import type { Projection } from '../../../src/projections/projection';
import { ReadModels } from '../../../src/projections/read-models';
import { dumpTable } from '../../../src/projections/tables';
import { openReadModels } from '../../../src/infrastructure/read-models/open-read-models';

/** Remembers what went wrong, says nothing. */
export class QuietLog extends Log {
  readonly errors: string[] = [];

  info(): void {
    // Not asked for.
  }

  warn(): void {
    // Not asked for.
  }

  error(message: string): void {
    this.errors.push(message);
  }
}

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

  switches() {
    return { stagingRunner: true, mergeRetestSkipWhenCurrent: true, mergeInfraRetry: true };
  }
}

/** Files and databases of one test. */
export class Workspace {
  private readonly folder = mkdtempSync(join(tmpdir(), 'stagegate-projections-'));
  private readonly opened: Kysely<unknown>[] = [];
  readonly path = join(this.folder, 'read-models.db');

  async open(): Promise<Kysely<unknown>> {
    const db = await openReadModels(this.path);
    this.opened.push(db);
    return db;
  }

  async remove(): Promise<void> {
    await Promise.all(this.opened.map((db) => db.destroy()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function runnerDeps(store: EventStore, db: Kysely<unknown>) {
  return { store, db, log: new LogIdentity(store), clock: new TestClock(Date.now), out: new QuietLog() };
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
