import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventStore } from '../../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import type { EventStoreAdapter } from './adapter';

export const SQLITE: EventStoreAdapter = {
  name: 'sqlite',
  info: { kind: 'sqlite', durability: 'power-loss' },
  hasDensePositions: true,
  create: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stagegate-sqlite-'));
    const path = join(folder, 'events.db');
    return {
      open: () => openSqliteEventStore(path),
      target: { kind: 'sqlite', path },
      remove: async () => {
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};
