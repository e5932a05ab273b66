import { chainHash, CHAIN_START } from '../../src/application/envelope';
import type { StoredEvent } from '../../src/application/ports/event-store';
import { isUnreadable, readLogEvent } from '../../src/application/read-events';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import type { Violation } from './violation';

export function uniqueIds(log: readonly StoredEvent[]): Violation[] {
  const seen = new Set<string>();
  return log.flatMap(({ id, stream, revision }) => {
    if (!seen.has(id)) return (seen.add(id), []);
    return [{ invariant: 'I0', stream, revision, detail: `event id ${id} stands twice` }];
  });
}

export function uniqueAlerts(log: readonly StoredEvent[]): Violation[] {
  const seen = new Set<unknown>();
  return log.flatMap(({ type, data, stream, revision }) => {
    if (type !== 'AlertRaised') return [];
    if (!seen.has(data['key'])) return (seen.add(data['key']), []);
    return [{ invariant: 'I8', stream, revision, detail: `alert key ${(data as { key: string }).key} stands twice` }];
  });
}

const hasher = new NodeHasher();

export function dense(stream: string, events: readonly StoredEvent[]): Violation[] {
  let chain = CHAIN_START;
  return events.flatMap((event, index) => {
    const { revision, meta } = event;
    if (revision !== BigInt(index))
      return [{ invariant: 'I0', stream, revision, detail: `expected revision ${index}` }];
    const { chain: claimed, ...unchained } = meta;
    chain = chainHash(hasher, chain, { ...event, meta: unchained });
    return chain === claimed ? [] : [{ invariant: 'I0', stream, revision, detail: 'the hash chain is broken here' }];
  });
}

/** What the product writes, it reads as that. */
export function odd(events: readonly StoredEvent[]): Violation[] {
  return events.flatMap((event) => {
    const read = readLogEvent(event);
    if (!isUnreadable(read)) return [];
    const { stream, revision } = event;
    return [{ invariant: 'I0', stream, revision, detail: read.data.reason }];
  });
}
