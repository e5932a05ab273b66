import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ChainCheck } from '../../../src/application/audit/chain-check';
import { importLog } from '../../../src/application/audit/import-log';
import type { EventStore, StoredEvent } from '../../../src/application/ports/event-store';
import { linesOf } from '../../../src/infrastructure/audit/lines';
import { readLog } from '../../../src/infrastructure/audit/read-log';
import { writeLog } from '../../../src/infrastructure/audit/write-log';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';
import { CryptoIds } from '../../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';
import { SystemClock } from '../../../src/infrastructure/system/system-clock';
import { ChainedLog } from '../../support/chained-log';
import type { Subject } from '../support/adapter';
import { everything } from '../support/events';

const EVENTS = 450;

/** A log that came from another store, or goes to one. */
export function movingContract(subject: Subject): void {
  const moved = ({ id, stream, revision, type, data, meta }: StoredEvent) => ({
    id,
    stream,
    revision,
    type,
    data,
    meta,
  });

  test('a log that is moved here and back is the same, event for event and byte for byte', async () => {
    const origin = new MemoryEventStore();
    await new ChainedLog(origin).fill(EVENTS);
    const before = await exported(origin);
    await imported(before, subject.store);
    expect((await everything(subject.store)).map(moved)).toEqual((await everything(origin)).map(moved));
    const after = await exported(subject.store);
    expect(after).toBe(before);
    const back = new MemoryEventStore();
    await imported(after, back);
    expect(await exported(back)).toBe(before);
  });

  test('a log that was moved here is chained, and goes on as it would have where it was', async () => {
    const origin = new MemoryEventStore();
    const writer = new ChainedLog(origin);
    await writer.fill(40, 3);
    await imported(await exported(origin), subject.store);
    const check = new ChainCheck(new NodeHasher());
    const faults = (await everything(subject.store)).map((event) => check.take(event));
    expect(faults).toEqual(Array(40).fill(null));
    const last = await subject.store.readStream('task-web.t0', { direction: 'backwards', limit: 1 });
    const [next] = (await everything(origin)).slice(-1);
    expect(last).toHaveLength(1);
    const more = { ...next!, id: new CryptoIds().uuid() };
    await expect(subject.store.append('task-web.t0', last[0]!.revision, [more])).resolves.toMatchObject({
      revision: last[0]!.revision + 1n,
    });
  });
}

export async function exported(store: EventStore): Promise<string> {
  const out = new PassThrough();
  const [all] = await Promise.all([text(out), writeLog(store, new NodeHasher(), out, true)]);
  return all;
}

/** Brings a text into a store, as the command brings a file. */
export function imported(log: string, store: EventStore, begin: () => void = () => undefined) {
  const deps = { store, clock: new SystemClock(), ids: new CryptoIds() };
  return importLog(deps, () => readLog(linesOf(chunksOf(log)), new NodeHasher()), begin);
}

/** @param size of each chunk, in bytes. */
export async function* chunksOf(log: string, size = 64 * 1024): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(log);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
