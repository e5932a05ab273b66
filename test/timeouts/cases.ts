import type { EventStore } from '../../src/application/ports/event-store';
import { EventStoreDbEventStore } from '../../src/infrastructure/event-stores/eventstoredb/eventstoredb-event-store';
import { Reachability } from '../../src/infrastructure/event-stores/reachability';
import { event, stream } from '../contract/support/events';
import { listenMutely } from '../support/eventstore-peer/listen-mutely';
import { EventStorePeer } from '../support/eventstore-peer/peer';
import type { Faults } from '../support/eventstore-peer/faults';
import { QuietLogger } from '../support/quiet-logger';

/** A call that is never answered. */
export interface Case {
  readonly name: string;
  readonly atOnce: number;
  readonly open: (
    limitMs: number,
  ) => Promise<{ readonly call: () => Promise<unknown>; readonly close: () => Promise<void> }>;
}

const FOREVER = 1_000_000;
const append = (store: EventStore) => store.append(stream(), 'no-stream', [event()]);
const readStream = (store: EventStore) => store.readStream('task-web.one', { limit: 1 });
const readAll = (store: EventStore) => store.readAll({ prefixes: [''], limit: 1 });

export const CASES: readonly Case[] = [
  ofPeer('append, one after the other', 1, { muteAppends: FOREVER }, append),
  ofPeer('append, 20 at once', 20, { muteAppends: FOREVER }, append),
  ofPeer('read of a stream', 1, { muteReads: FOREVER }, readStream),
  ofPeer('read of the log', 1, { muteReads: FOREVER }, readAll),
  ofMuteTcp('append, the server only takes the connection', append),
  ofMuteTcp('read, the server only takes the connection', readStream),
];

function ofPeer(
  name: string,
  atOnce: number,
  faults: Partial<Faults>,
  call: (store: EventStore) => Promise<unknown>,
): Case {
  return {
    name,
    atOnce,
    open: async (limitMs) => {
      const peer = await EventStorePeer.start();
      await peer.order('misbehave', faults);
      const store = open(peer.url, limitMs);
      return {
        call: () => call(store),
        close: async () => {
          await store.close();
          await peer.stop();
        },
      };
    },
  };
}

/** Not even the client's first question, which methods the server has, is answered. */
function ofMuteTcp(name: string, call: (store: EventStore) => Promise<unknown>): Case {
  return {
    name,
    atOnce: 1,
    open: async (limitMs) => {
      const { port, close } = await listenMutely();
      const store = open(`esdb://127.0.0.1:${port}?tls=false`, limitMs);
      return {
        call: () => call(store),
        close: async () => {
          await store.close();
          close();
        },
      };
    },
  };
}

function open(url: string, limitMs: number): EventStoreDbEventStore {
  return new EventStoreDbEventStore(url, new Reachability(new QuietLogger()), { appendMs: limitMs, readMs: limitMs });
}
