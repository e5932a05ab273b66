import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { Clock } from '../../../src/application/ports/clock';
import type { EventStore } from '../../../src/application/ports/event-store';
import type { Log } from '../../../src/application/ports/log';
import { Projects, type Project } from '../../../src/application/projects';
import { openReadModels } from '../../../src/infrastructure/read-models/open-read-models';

export const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export function clockAt(nowMs: () => number): Clock {
  return {
    now: nowMs,
    monotonic: () => performance.now(),
    after: (delayMs, wake) => {
      const timer = setTimeout(wake, delayMs);
      return () => {
        clearTimeout(timer);
      };
    },
  };
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
  return { store, db, clock: clockAt(Date.now), out: SILENT };
}
