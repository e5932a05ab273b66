import type { EventStore, Position, StoredEvent } from '../../../src/application/ports/event-store';
import type { Subject } from '../support/adapter';
import { event, events, everything, filled, outcome, stream } from '../support/events';

/** C40 to C44. */
export function globalOrderContract(subject: Subject): void {
  async function writers(count: number, appends: number): Promise<void> {
    const stores = [subject.store, await subject.another()];
    const write = async (store: EventStore) => {
      const name = stream();
      for (let sent = 0; sent < appends; sent += 1) {
        await store.append(name, sent === 0 ? 'no-stream' : BigInt(sent - 1), [event()]);
      }
    };
    await Promise.all(Array.from({ length: count }, (_, index) => write(stores[index % 2] as EventStore)));
  }

  test('the log holds every event once, and each stream in the order of its revisions (C40)', async () => {
    await writers(8, 20);
    const all = await everything(subject.store);
    const next = new Map<string, bigint>();
    for (const { stream: name, revision } of all) {
      expect(revision).toBe(next.get(name) ?? 0n);
      next.set(name, revision + 1n);
    }
    expect(all).toHaveLength(160);
    expect([...next.values()]).toEqual(Array.from({ length: 8 }, () => 20n));
  });

  test('only streams with one of the prefixes are read, and the place moves over the others (C41)', async () => {
    const { store } = subject;
    await filled(store, 3, stream('task'));
    await filled(store, 2, stream('lane'));
    await filled(store, 700, stream('policy'));
    const categories = async (...prefixes: string[]) =>
      (await everything(store, prefixes)).map(({ stream: name }) => name.split('-')[0]);
    expect(await categories('task-')).toEqual(['task', 'task', 'task']);
    expect(await categories('lane-', 'task-')).toEqual(['task', 'task', 'task', 'lane', 'lane']);
    expect(await categories('gone-')).toEqual([]);
    const nothing = await store.readAll({ prefixes: ['gone-'], limit: 10 });
    const last = (await everything(store)).at(-1)?.position;
    expect(nothing).toEqual({ events: [], next: last, end: true });
  });

  test('a page begins behind the given place, and says where the next one does (C42)', async () => {
    const { store } = subject;
    const empty = await store.readAll({ prefixes: [''], limit: 10 });
    expect(empty).toMatchObject({ events: [], end: true });
    await filled(store, 5);
    const first = await store.readAll({ after: empty.next, prefixes: [''], limit: 2 });
    expect(first.events.map(({ revision }) => revision)).toEqual([0n, 1n]);
    expect(first).toMatchObject({ end: false, next: first.events[1]?.position });
    const second = await store.readAll({ after: first.next, prefixes: [''], limit: 3 });
    expect(second.events.map(({ revision }) => revision)).toEqual([2n, 3n, 4n]);
    const after = second.next;
    expect(await store.readAll({ after, prefixes: [''], limit: 3 })).toEqual({ events: [], next: after, end: true });
  });

  test('a reader that follows 16 writers misses none of 2000 events (C43)', async () => {
    const reader = await subject.another();
    const seen: StoredEvent[] = [];
    let isWritten = false;
    const follow = async () => {
      let after: Position | undefined;
      for (;;) {
        const isLast = isWritten;
        const page = await reader.readAll({ prefixes: [''], limit: 50, ...(after && { after }) });
        seen.push(...page.events);
        after = page.next;
        if (isLast && page.end) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const following = follow();
    await writers(16, 125);
    isWritten = true;
    await following;
    expect(seen).toHaveLength(2_000);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(2_000);
    expect(seen.map(({ id }) => id)).toEqual((await everything(reader)).map(({ id }) => id));
  });

  if (subject.adapter.hasDensePositions) {
    test('positions are 1 to n after contention and refusals: none was left out (C44)', async () => {
      const { store } = subject;
      const known = event();
      await store.append(stream(), 'no-stream', [known]);
      const name = stream();
      const racers = Array.from({ length: 16 }, () => outcome(store.append(name, 'no-stream', events(3))));
      const reusers = Array.from({ length: 16 }, () => outcome(store.append(stream(), 'no-stream', [event(), known])));
      await Promise.all([...racers, ...reusers, writers(4, 10)]);
      const positions = (await everything(store)).map(({ position }) => Number(position.commit));
      expect(positions).toEqual(Array.from({ length: 44 }, (_, index) => index + 1));
    });
  }
}
