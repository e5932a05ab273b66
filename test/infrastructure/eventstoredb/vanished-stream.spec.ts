import type { StoredEvent } from '../../../src/application/ports/event-store';
import type { Client } from '../../../src/infrastructure/event-stores/eventstoredb/calls/client';
import { readError } from '../../../src/infrastructure/event-stores/eventstoredb/calls/eventstoredb-errors';
import { readStreamBy } from '../../../src/infrastructure/event-stores/eventstoredb/log-reader';

const URL = 'esdb://localhost:2113?tls=false';
const NO_STREAM = Object.assign(new Error('task-web.a not found'), { type: 'stream-not-found' });

/** A server that has the stream for so many pages. */
function clientOf(pages: number): Client {
  let asked = 0;
  const readStream = (_stream: string, { count }: { count: number }) =>
    asked++ < pages
      ? Promise.resolve(Array.from({ length: count }, (_, index) => ({ revision: BigInt(index) }) as StoredEvent))
      : Promise.reject(NO_STREAM);
  return { readStream } as unknown as Client;
}

const readFrom = (client: Client) => readStreamBy(client, 'task-web.a', 'start', false, 2_000, 1_000);

test('a stream that does not exist has no events', async () => {
  expect(await readFrom(clientOf(0))).toEqual([]);
});

test('a stream that is gone between two pages is no short one: it has been deleted', async () => {
  await expect(readFrom(clientOf(1))).rejects.toBe(NO_STREAM);
  expect(readError(NO_STREAM, 'task-web.a', URL)).toMatchObject({
    code: 'STORE_CORRUPT',
    message: expect.stringContaining('expected to read task-web.a, saw it deleted') as string,
  });
});
