import { randomUUID } from 'node:crypto';
import type { Position } from '../../../src/application/ports/event-store';
import { SEARCH_WINDOW } from '../../../src/infrastructure/event-stores/eventstoredb/calls/client';
import type { Settings } from '../../support/eventstore-peer/faults';
import { EventStorePeer } from '../../support/eventstore-peer/peer';
import type { Differences, EventStoreAdapter, StoreTarget } from './adapter';
import { openTarget } from './open-target';
import { OwnPart } from './own-part';

const DIFFERENCES: Differences = { tellsNoDuplicates: true, storesIdsAgain: true, placeMovesEvery: SEARCH_WINDOW };

/** The real client against a real server, which keeps what every test has stored. */
export function eventStoreDbServerAdapter(url: string): EventStoreAdapter {
  const target = { kind: 'eventstoredb', url } as const;
  return {
    name: 'eventstoredb (server)',
    info: { kind: 'eventstoredb', durability: 'server' },
    hasDensePositions: false,
    differences: DIFFERENCES,
    create: async () => {
      const start = await endOf(target);
      const mark = `${randomUUID().slice(0, 8)}.`;
      return {
        open: async () => new OwnPart(await openTarget(target), start, mark),
        target,
        remove: async () => undefined,
      };
    },
  };
}

async function endOf(target: StoreTarget): Promise<Position> {
  const store = await openTarget(target);
  const { next } = await store.readAll({ prefixes: ['none-'], limit: 1 });
  await store.close();
  return next;
}

/** What docs and compose file set, so that every store takes the same: events of 1 MiB, appends of 3 MiB. */
export const MAX_APPEND_SIZE = 4 * 1024 * 1024;

/** The real client against a peer of the tests, which is started for the spec this is called in. */
export function eventStoreDbPeerAdapter(settings: Partial<Settings> = {}): EventStoreAdapter {
  let peer: EventStorePeer;
  beforeAll(async () => {
    peer = await EventStorePeer.start({ maxAppendSize: MAX_APPEND_SIZE, ...settings });
  }, 60_000);
  afterAll(() => peer.stop());
  return {
    name: 'eventstoredb (peer)',
    info: { kind: 'eventstoredb', durability: 'server' },
    hasDensePositions: false,
    differences: DIFFERENCES,
    create: async () => {
      const target = { kind: 'eventstoredb', url: peer.url } as const;
      return {
        open: () => openTarget(target),
        target,
        remove: async () => {
          const { violations } = await peer.order('report');
          await peer.order('clear');
          expect(violations).toEqual([]);
        },
      };
    },
  };
}
