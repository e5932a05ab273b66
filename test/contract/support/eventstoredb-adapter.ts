import { SEARCH_WINDOW } from '../../../src/infrastructure/event-stores/eventstoredb/client';
import { EventStorePeer } from '../../support/eventstore-peer/peer';
import type { Differences, EventStoreAdapter } from './adapter';
import { openTarget } from './open-target';

const DIFFERENCES: Differences = { tellsNoDuplicates: true, storesIdsAgain: true, placeMovesEvery: SEARCH_WINDOW };

/** The real client against a peer of the tests, which is started for the spec this is called in. */
export function eventStoreDbPeerAdapter(): EventStoreAdapter {
  let peer: EventStorePeer;
  beforeAll(async () => {
    peer = await EventStorePeer.start();
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
