import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeUrl } from '../../../src/infrastructure/config/values/value-types';
import { EventStoreDbEventStore } from '../../../src/infrastructure/event-stores/eventstoredb/eventstoredb-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { event, stream } from '../../contract/support/events';
import { makeCertificates, obstacleToCertificates } from '../../support/eventstore-peer/make-certificates';
import { EventStorePeer } from '../../support/eventstore-peer/peer';
import { QuietLogger } from '../../support/quiet-logger';
import { testWherePossible } from '../../support/test-where-possible';

const LIMIT_MS = 60_000;
const obstacle = obstacleToCertificates();
const folder = mkdtempSync(join(tmpdir(), 'stagegate-tls-'));
let authority: string;
let peer: EventStorePeer;

beforeAll(async () => {
  if (obstacle !== null) return;
  const made = makeCertificates(folder);
  authority = made.authority;
  peer = await EventStorePeer.start({ certificate: made.node });
}, LIMIT_MS);
afterAll(async () => {
  if (obstacle === null) await peer.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** As the configuration takes it. */
async function withStore<T>(url: string, work: (store: EventStoreDbEventStore) => Promise<T>): Promise<T> {
  expect(storeUrl.parse(url)).toEqual({ value: { kind: 'eventstoredb', url } });
  const store = new EventStoreDbEventStore(url, new Reachability(new QuietLogger()), { appendMs: 10_000 });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

testWherePossible(
  obstacle,
  'appends, reads and subscriptions go over TLS, in the name of the user of the URL and nobody else',
  async () => {
    for (const hosts of [`localhost:${peer.port}`, `localhost:${peer.port},localhost:${peer.port}`]) {
      await withStore(`esdb://ann:s%40cret@${hosts}?tls=true&tlsCAFile=${authority}`, async (store) => {
        const name = stream();
        await store.append(name, 'no-stream', [event()]);
        expect(await store.readStream(name, { limit: 9 })).toHaveLength(1);
        const { events } = await store.readAll({ prefixes: [name], limit: 9 });
        expect(events).toHaveLength(1);
      });
    }
    const { users, violations } = await peer.order('report');
    expect(users).toEqual([`Basic ${Buffer.from('ann:s@cret').toString('base64')}`]);
    expect(violations).toEqual([]);
  },
  LIMIT_MS,
);

testWherePossible(
  obstacle,
  'a server whose certificate nobody vouches for gets neither events nor the password',
  async () => {
    await peer.order('clear');
    await withStore(`esdb://ann:secret@localhost:${peer.port}`, async (store) => {
      await expect(store.verify()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await expect(store.append(stream(), 'no-stream', [event()])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    });
    expect(await peer.order('report')).toMatchObject({ appends: 0, reads: 0, users: [] });
  },
  LIMIT_MS,
);
