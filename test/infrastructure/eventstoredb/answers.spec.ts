import { status } from '@grpc/grpc-js';
import { EventStoreDbEventStore } from '../../../src/infrastructure/event-stores/eventstoredb/eventstoredb-event-store';
import { BY_CODE, BY_KIND, meaningOf } from '../../../src/infrastructure/event-stores/eventstoredb/calls/meanings';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { event, stream } from '../../contract/support/events';
import { EventStorePeer } from '../../support/eventstore-peer/peer';
import { QuietLogger } from '../../support/quiet-logger';

jest.setTimeout(120_000);

/** What the caller of each call is told, by the code of the answer. */
const TOLD: Readonly<Record<string, readonly [append: string, readStream: string, readAll: string]>> = {
  CANCELLED: ['STORE_OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  UNKNOWN: ['STORE_OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  INVALID_ARGUMENT: ['STORE_INVALID_EVENT', 'STORE_CORRUPT', 'STORE_CORRUPT'],
  DEADLINE_EXCEEDED: ['STORE_OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  NOT_FOUND: ['STORE_OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  ALREADY_EXISTS: ['STORE_OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  PERMISSION_DENIED: ['STORE_ACCESS_DENIED', 'STORE_ACCESS_DENIED', 'STORE_ACCESS_DENIED'],
  RESOURCE_EXHAUSTED: ['STORE_OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  FAILED_PRECONDITION: ['STORE_OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  ABORTED: ['STORE_OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  OUT_OF_RANGE: ['STORE_OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  UNIMPLEMENTED: ['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  INTERNAL: ['STORE_OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  UNAVAILABLE: ['STORE_OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  DATA_LOSS: ['STORE_OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  UNAUTHENTICATED: ['STORE_ACCESS_DENIED', 'STORE_ACCESS_DENIED', 'STORE_ACCESS_DENIED'],
};

let peer: EventStorePeer;
let store: EventStoreDbEventStore;

beforeAll(async () => {
  peer = await EventStorePeer.start();
});
afterAll(() => peer.stop());
beforeEach(() => {
  store = new EventStoreDbEventStore(peer.url, new Reachability(new QuietLogger()), { appendMs: 300, readMs: 300 });
});
afterEach(async () => {
  await store.close();
  await peer.order('clear');
});

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    (error: unknown) => (error as { code?: string }).code,
  );

test.each(Object.keys(TOLD))('%s means one thing for each call', async (name) => {
  const refusal = { code: status[name as keyof typeof status], details: 'as ordered', trailers: {} };
  await peer.order('misbehave', { refusedAppends: 1_000, refusedReads: 1_000, refusal });
  expect([
    await codeOf(store.append(stream(), 'no-stream', [event()])),
    await codeOf(store.readStream(stream(), { limit: 1 })),
    await codeOf(store.readAll({ prefixes: [''], limit: 1 })),
  ]).toEqual(TOLD[name]);
});

test('every code of the protocol has its place, in the order of its number', () => {
  expect(BY_CODE.map(({ code }) => code)).toEqual(
    Object.keys(status)
      .filter((name) => !/^\d+$/.test(name))
      .sort((one, other) => status[one as keyof typeof status] - status[other as keyof typeof status]),
  );
  expect([...Object.keys(TOLD), 'OK'].sort()).toEqual(BY_CODE.map(({ code }) => code).sort());
});

test.each([
  [{ code: 14, message: 'No connection established. Last error: x' }, 'never-sent'],
  [{ code: 14, message: 'Server Is Not Ready' }, 'unclear'],
  [{ code: 14, message: 'Connection dropped' }, 'unclear'],
  [{ message: 'Failed to discover after 10 attempts.' }, 'never-sent'],
  [{ code: 2, message: 'No leader info available in response' }, 'unclear'],
  [{ code: 8, message: 'Received message exceeds the maximum configured message size.' }, 'too-large'],
  [{ code: 8, message: 'Received message larger than max (1752460652 vs 17825792)' }, 'another-server'],
  [{ code: 8, message: 'too many requests' }, 'unclear'],
  [{ code: 3, message: 'Event with Id: x, Size: 9, exceeds Maximum Append Event Size of 8.' }, 'too-large'],
  [{ code: 16, type: 'access-denied' }, 'unknown-user'],
  [{ code: 7, type: 'access-denied' }, 'denied'],
  [{ type: 'made-up', code: 10 }, 'given-up'],
  [{ type: 'made-up' }, 'unclear'],
  [new Error('Connection dropped'), 'unclear'],
  [{ name: 'TookTooLong', message: 'no answer within 5 ms' }, 'unanswered'],
])('%j means %s', (error, meaning) => {
  expect(meaningOf(error)).toBe(meaning);
});

test('the kinds are those of the client', () => {
  for (const kind of Object.keys(BY_KIND)) expect(kind).toMatch(/^(TookTooLong|[a-z-]+)$/);
});
