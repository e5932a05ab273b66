import type { ExpectedRevision } from '../../../src/domain/fact';
import type { EventStore } from '../../../src/application/ports/event-store';
import type { Subject } from '../support/adapter';
import { event, events, everything, idsOf, outcome, stored, stream } from '../support/events';

/** C13 to C17; C18 is with the processes. */
export function contentionContract(subject: Subject): void {
  /** Contenders of both connections, each with an event of its own. @returns what each came to. */
  async function contend(count: number, name: string, expected: ExpectedRevision): Promise<readonly string[]> {
    const stores = [subject.store, await subject.another()];
    return race(stores, count, name, expected);
  }

  function race(stores: readonly EventStore[], count: number, name: string, expected: ExpectedRevision) {
    return Promise.all(
      Array.from({ length: count }, (_, index) =>
        outcome((stores[index % stores.length] as EventStore).append(name, expected, [event()])),
      ),
    );
  }

  const won = (outcomes: readonly string[]) => outcomes.filter((text) => text.startsWith('ok'));

  test('of 16 contenders at one revision exactly one wins, in each of 40 rounds (C13)', async () => {
    const name = stream();
    const stores = [subject.store, await subject.another()];
    for (let round = 0; round < 40; round += 1) {
      const outcomes = await race(stores, 16, name, round === 0 ? 'no-stream' : BigInt(round - 1));
      expect(won(outcomes)).toEqual([`ok ${round}`]);
      expect(outcomes.filter((text) => text === `conflict ${round}`)).toHaveLength(15);
    }
    expect(await stored(subject.store, name)).toHaveLength(40);
  });

  test('of 50 claims one is granted and 49 conflict (C14)', async () => {
    const name = stream();
    await subject.store.append(name, 'no-stream', events(4));
    const outcomes = await contend(50, name, 3n);
    expect(won(outcomes)).toEqual(['ok 4']);
    expect(outcomes.filter((text) => text === 'conflict 4')).toHaveLength(49);
  });

  test('of 16 contenders for a new stream exactly one makes it, 20 times over (C15)', async () => {
    const stores = [subject.store, await subject.another()];
    for (let round = 0; round < 20; round += 1) {
      const outcomes = await race(stores, 16, stream(), 'no-stream');
      expect(won(outcomes)).toEqual(['ok 0']);
    }
  });

  test('32 writers of 32 streams do not get in each others way (C16)', async () => {
    const names = Array.from({ length: 32 }, () => stream());
    const stores = [subject.store, await subject.another()];
    const results = await Promise.all(
      names.map((name, index) => (stores[index % 2] as EventStore).append(name, 'no-stream', events(2))),
    );
    expect(results.every(({ revision }) => revision === 1n)).toBe(true);
    const positions = (await everything(subject.store)).map(({ position }) => position.commit);
    expect(new Set(positions).size).toBe(64);
  });

  test('what was acknowledged is seen by every other reader (C17)', async () => {
    const reader = await subject.another();
    const name = stream();
    for (let revision = 0n; revision < 20n; revision += 1n) {
      const next = event();
      await subject.store.append(name, revision === 0n ? 'no-stream' : revision - 1n, [next]);
      const [last] = await reader.readStream(name, { direction: 'backwards', limit: 1 });
      expect(last).toMatchObject({ id: next.id, revision });
      expect(idsOf((await everything(reader)).slice(-1))).toEqual([next.id]);
    }
  });
}
