import { setTimeout as delay } from 'node:timers/promises';
import { LARGEST_PAGE, type StoredEvent } from '../../../src/application/ports/event-store';
import type { Subject } from '../support/adapter';
import { event, events, everything, filled, idsOf, stream } from '../support/events';
import { Follower } from '../support/follower';
import { heapBytes } from '../support/heap';
import { until } from '../support/until';

const MOST_HEAP_GROWTH = 50_000_000;

/** C46 to C55, except those that need a second process or another server. */
export function subscriptionsContract(subject: Subject): void {
  let followers: Follower[] = [];
  const follower = () => {
    const made = new Follower();
    followers.push(made);
    return made;
  };

  afterEach(async () => {
    await Promise.all(followers.map((one) => one.stop()));
    followers = [];
  });

  test('a subscriber gets what was there and then what comes, in order (C46)', async () => {
    const { store } = subject;
    const writer = await subject.another();
    const before = await filled(store, 700);
    const one = follower().follow(store);
    await one.sees(700);
    await store.append(before, 699n, events(3));
    await writer.append(before, 702n, events(3));
    await writer.append(stream(), 'no-stream', events(2));
    await one.sees(708);
    expect(one.events).toEqual(await everything(store));
  });

  test('what two writers append at once reaches the followers of both, as it is read (C46)', async () => {
    const { store } = subject;
    const writers = [store, await subject.another()];
    const followers = writers.map((writer) => follower().follow(writer));
    const appended = Array.from({ length: 30 }, async (_, index) => {
      await delay(index % 7);
      await (writers[index % 2] as typeof store).append(stream(), 'no-stream', events(1 + (index % 3)));
    });
    await Promise.all(appended);
    await Promise.all(followers.map((one) => one.sees(60)));
    const all = await everything(store);
    expect(followers.map((one) => one.events)).toEqual([all, all]);
  });

  test('a subscription starts behind the place it is given (C47)', async () => {
    const { store } = subject;
    await filled(store, 5);
    const all = await everything(store);
    const one = follower().follow(store, { after: (all[2] as StoredEvent).position });
    await one.catchesUp();
    expect(one.ids).toEqual(idsOf(all.slice(3)));
  });

  test('a subscriber is told when it has caught up (C48)', async () => {
    const { store } = subject;
    await filled(store, 600);
    const one = follower();
    let seenThen = 0;
    one.follow(store, {
      onCaughtUp: () => {
        seenThen ||= one.events.length;
      },
    });
    await until('caught up', () => seenThen > 0);
    expect(seenThen).toBe(600);
    const idle = follower().follow(store, { prefixes: ['gone-'] });
    await idle.catchesUp();
  });

  const every = subject.differences.placeMovesEvery ?? 1;
  const inSteps = every === 1 ? '' : `, every ${every} events`;
  test(`events of other streams are not delivered, yet the place moves over them (C49${inSteps})`, async () => {
    const { store } = subject;
    const one = follower().follow(store, { prefixes: ['lane-'] });
    await filled(store, 9 + every, stream('task'));
    const reached = (await everything(store)).at(-every) as StoredEvent;
    await until('the place moved', () => (one.places.at(-1)?.commit ?? 0n) >= reached.position.commit);
    await filled(store, 2, stream('lane'));
    await one.sees(2);
    expect(one.events.every(({ stream: name }) => name.startsWith('lane-'))).toBe(true);
  });

  test('a page whose handler throws comes again, from its first event on (C51)', async () => {
    const { store } = subject;
    await filled(store, 5);
    const one = follower();
    const failed: (readonly StoredEvent[])[] = [];
    one.follow(store, {
      onPage: async (page, next) => {
        if (failed.length < 2 && page.some(({ revision }) => revision === 2n)) {
          failed.push(page);
          throw new Error('the handler cannot');
        }
        one.take(page, next);
      },
    });
    await one.catchesUp();
    const all = await everything(store);
    expect(failed).toHaveLength(2);
    expect(failed[1]).toEqual(failed[0]);
    expect(one.ids).toEqual(idsOf(all));
    expect(one.places.at(-1)).toEqual(all.at(-1)?.position);
  });

  test('pages are bounded, follow on each other, and each says something', async () => {
    const { store } = subject;
    await filled(store, LARGEST_PAGE + 5);
    const one = follower();
    const pages: { readonly events: readonly StoredEvent[]; readonly next: bigint }[] = [];
    one.follow(store, {
      onPage: (page, next) => {
        pages.push({ events: page, next: next.commit });
        one.take(page, next);
      },
    });
    await one.sees(LARGEST_PAGE + 5);
    await store.append(stream('lane'), 'no-stream', events(1));
    await one.sees(LARGEST_PAGE + 6);
    expect(pages.length).toBeGreaterThan(2);
    pages.forEach(({ events: page, next }, index) => {
      const before = pages[index - 1]?.next ?? 0n;
      const commits = page.map(({ position }) => position.commit);
      expect(page.length).toBeLessThanOrEqual(LARGEST_PAGE);
      expect(next).toBeGreaterThan(before);
      expect(commits.every((commit) => commit > before && commit <= next)).toBe(true);
    });
  });

  test('10,000 events wait for a slow handler in the store, not in memory (C52)', async () => {
    const { store } = subject;
    const name = stream();
    // Small as text, about 8 KB each once it is read: all of them at once would be 80 MB.
    const data = { list: Array.from({ length: 200 }, () => []) };
    for (let sent = 0; sent < 10_000; sent += 400) {
      const list = Array.from({ length: Math.min(400, 10_000 - sent) }, () => event({ data }));
      await store.append(name, sent === 0 ? 'no-stream' : BigInt(sent - 1), list);
    }
    const one = follower();
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const before = heapBytes();
    let handled = 0;
    one.follow(store, {
      onPage: async (page) => {
        const isFirst = handled < 1_000;
        handled += page.length;
        if (isFirst && handled >= 1_000) await gate;
      },
    });
    await until('the handler waits', () => handled >= 1_000, 60_000);
    expect(heapBytes() - before).toBeLessThan(MOST_HEAP_GROWTH);
    go();
    await until('all were handled', () => handled === 10_000, 60_000);
    expect(heapBytes() - before).toBeLessThan(MOST_HEAP_GROWTH);
  }, 120_000);

  test('closing ends subscriptions that wait, that back off and that handle, and nothing is called after (C54)', async () => {
    const { store } = subject;
    const name = await filled(store, 3);
    let isClosed = false;
    let lateCalls = 0;
    const count = () => {
      if (isClosed) lateCalls += 1;
    };
    const waiting = follower().follow(store, { onPage: count });
    const failing = follower().follow(store, {
      onPage: () => {
        count();
        throw new Error('never');
      },
    });
    let isHandling = false;
    const slow = follower().follow(store, {
      onPage: async () => {
        isHandling = true;
        await delay(200);
        count();
      },
    });
    await until('one handles', () => isHandling);
    const startedAt = performance.now();
    await store.close();
    isClosed = true;
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    const writer = await subject.another();
    if (writer !== store) await writer.append(name, 2n, events(2));
    await Promise.all([waiting.stop(), failing.stop(), slow.stop()]);
    await delay(250);
    expect(lateCalls).toBe(0);
  });

  test('two subscribers do not wait for each other (C55)', async () => {
    const { store } = subject;
    const stuck = follower();
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    stuck.follow(store, {
      onPage: async (page, next) => {
        await gate;
        stuck.take(page, next);
      },
    });
    const free = follower().follow(store);
    await filled(store, 20);
    await free.sees(20);
    await free.stop();
    expect(stuck.events).toEqual([]);
    go();
    await stuck.sees(20);
  });

  test('a subscriber that was stopped hears nothing more', async () => {
    const { store } = subject;
    const one = follower().follow(store);
    await one.catchesUp();
    await one.stop();
    await filled(store, 3);
    const other = follower().follow(store);
    await other.sees(3);
    expect(one.events).toEqual([]);
  });
}
