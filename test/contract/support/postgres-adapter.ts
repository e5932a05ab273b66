import { startPostgresLogs, type PostgresLogs } from '../../support/postgres-log';
import type { EventStoreAdapter } from './adapter';
import { openTarget } from './open-target';

/** Starts a server for the spec it is called in. */
export function postgresAdapter(): EventStoreAdapter {
  let logs: PostgresLogs;
  beforeAll(async () => {
    logs = await startPostgresLogs();
  }, 60_000);
  afterAll(() => logs.stop());
  return {
    name: 'postgres',
    info: { kind: 'postgres', durability: 'power-loss' },
    hasDensePositions: true,
    create: async () => {
      const database = await logs.create();
      const target = { kind: 'postgres', url: logs.url(database) } as const;
      return { open: () => openTarget(target), target, remove: () => logs.giveBack(database) };
    },
  };
}
