import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '../../src/application/ports/event-store';
import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import type { StoreTarget } from '../contract/support/adapter';
import { openTarget } from '../contract/support/open-target';
import { EventStorePeer } from '../support/eventstore-peer/peer';
import { startPostgresLogs } from '../support/postgres-log';

/** A store with an empty log; `target` is what other processes open, null where the log ends with its process. */
export interface Arena {
  readonly name: string;
  open(): Promise<{ readonly store: EventStore; readonly target: StoreTarget | null; close(): Promise<void> }>;
}

export const ARENAS: readonly Arena[] = [
  {
    name: 'memory',
    open: () => {
      const store = new MemoryEventStore();
      return Promise.resolve({ store, target: null, close: () => store.close() });
    },
  },
  {
    name: 'sqlite',
    open: () => {
      const folder = mkdtempSync(join(tmpdir(), 'stagegate-contest-'));
      return opened({ kind: 'sqlite', path: join(folder, 'events.db') }, () => {
        rmSync(folder, { recursive: true, force: true });
        return Promise.resolve();
      });
    },
  },
  {
    name: 'postgres',
    open: async () => {
      const logs = await startPostgresLogs();
      return opened({ kind: 'postgres', url: logs.url(await logs.create()) }, () => logs.stop());
    },
  },
  {
    // The real client, but no server: a peer that decides as one does.
    name: 'eventstoredb',
    open: async () => {
      const peer = await EventStorePeer.start();
      return opened({ kind: 'eventstoredb', url: peer.url }, () => peer.stop());
    },
  },
];

async function opened(target: StoreTarget, remove: () => Promise<void>) {
  const store = await openTarget(target);
  return {
    store,
    target,
    close: async () => {
      await store.close();
      await remove();
    },
  };
}
