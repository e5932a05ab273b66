import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { listenMutely } from '../../support/eventstore-peer/listen-mutely';

jest.setTimeout(60_000);

/** A program that asks once, closes its store, and has nothing else to do. */
const PROGRAM = `
const { EventStoreDbEventStore } = require('./dist/infrastructure/event-stores/eventstoredb/eventstoredb-event-store.js');
const { Reachability } = require('./dist/infrastructure/event-stores/reachability.js');
const store = new EventStoreDbEventStore(process.argv[1], new Reachability({ info() {}, warn() {}, error() {} }), { readMs: 300 });
store.readStream('task-a', { limit: 1 }).catch(() => undefined).then(() => store.close()).then(() => console.log('closed'));
`;

// The client goes on looking for a leader, which cannot be called off: with its own settings for more than 100 s.
test('a program whose store was closed ends, also when several hosts are mute', async () => {
  const hosts = [await listenMutely(), await listenMutely()];
  try {
    const url = `esdb://${hosts.map(({ port }) => `127.0.0.1:${port}`).join(',')}?tls=false`;
    const child = spawn(process.execPath, ['-e', PROGRAM, url], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, said }).toEqual({ code: 0, said: 'closed\n' });
  } finally {
    for (const { close } of hosts) close();
  }
});
