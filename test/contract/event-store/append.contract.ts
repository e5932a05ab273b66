import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { ExpectedRevision } from '../../../src/domain/fact';
import {
  EventRefused,
  EventTooLarge,
  InvalidEvent,
  RevisionConflict,
  StoreClosed,
  type NewEvent,
} from '../../../src/application/ports/event-store';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';
import type { Subject } from '../support/adapter';
import { event, events, everything, filled, idsOf, outcome, stored, stream } from '../support/events';

const MIB = 1024 * 1024;
/** Of `event`. */
const NAME_BYTES = 2 * 'TaskAnnotated'.length;

/** An event whose data and meta take exactly so many bytes as JSON. */
function sized(bytes: number): NewEvent {
  const frame = JSON.stringify({ pad: '' }).length + JSON.stringify({}).length;
  return event({ data: { pad: 'x'.repeat(bytes - frame) }, meta: {} });
}

/** Lists in lists. */
function nestedTo(levels: number): object {
  let list: readonly unknown[] = [];
  for (let level = 2; level < levels; level += 1) list = [list];
  return { list };
}

/** A failure prints it; the same one makes the same values. */
const SEED = 20_260_105;
const RUNS = 100;

/** What somebody might say, sound or not: texts, numbers and depths on both sides of every limit. */
function anyData(): fc.Arbitrary<object> {
  const text = fc.oneof(
    { weight: 6, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    { weight: 1, arbitrary: fc.constantFrom('\ud800', '\udc00x', 'x\ud83d', '\u0000', '😀', '\ufffe', '\u2028') },
    { weight: 1, arbitrary: fc.constantFrom(1_000, 990_000, 1_010_000).map((length) => 'x'.repeat(length)) },
  );
  const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-0, NaN, Infinity, 1e29, 2 ** 53, 5e-324));
  const leaf = fc.oneof({ weight: 3, arbitrary: text }, number, fc.boolean(), fc.constant(null));
  const flat = fc.dictionary(fc.string({ maxLength: 8 }), leaf, { maxKeys: 3, noNullPrototype: true });
  return fc.oneof({ weight: 4, arbitrary: flat }, fc.integer({ min: 2, max: 80 }).map(nestedTo));
}

const taken = () => ({ kind: 'taken' as const, as: '', code: '' });

/** A failure that is no refusal fails the test. */
function refusedAs(error: unknown) {
  if (!(error instanceof EventRefused)) throw error;
  return { kind: 'refused' as const, as: error.constructor.name, code: error.code };
}

/** C1 to C12. */
export function appendContract(subject: Subject): void {
  const append = (name: string, expected: ExpectedRevision, list: readonly NewEvent[]) =>
    subject.store.append(name, expected, list);

  test('appends that may share a commit are each answered with where their last event stands (C2)', async () => {
    const one = stream();
    await append(one, 'no-stream', events(2));
    const lists = [events(3), events(1), events(4), events(2)];
    const answers = await Promise.all(
      lists.map((list, index) => (index === 1 ? append(one, 1n, list) : append(stream(), 'no-stream', list))),
    );
    const all = await everything(subject.store);
    const lasts = lists.map((list) => all.find(({ id }) => id === list.at(-1)?.id));
    expect(answers.map(({ revision }) => revision)).toEqual(lasts.map((last) => last?.revision));
    expect(answers.map(({ position }) => position)).toEqual(lasts.map((last) => last?.position));
  });

  test('the first event of a stream has revision 0 (C1)', async () => {
    const name = stream();
    expect(await append(name, 'no-stream', [event()])).toMatchObject({ revision: 0n });
  });

  test('an append at the current revision is stored behind it (C2)', async () => {
    const name = await filled(subject.store, 1);
    const second = event();
    expect(await append(name, 0n, [second])).toMatchObject({ revision: 1n });
    expect((await stored(subject.store, name))[1]?.id).toBe(second.id);
  });

  test('the events of one append stand together, in their order (C3)', async () => {
    const name = await filled(subject.store, 1);
    const list = events(3);
    const { revision, position } = await append(name, 0n, list);
    const behind = (await stored(subject.store, name)).slice(1);
    expect(revision).toBe(3n);
    expect(idsOf(behind)).toEqual(idsOf(list));
    expect(behind.map((stored) => stored.revision)).toEqual([1n, 2n, 3n]);
    expect(behind.at(-1)?.position).toEqual(position);
  });

  test('no-stream on a stream that exists conflicts and tells where it is (C4)', async () => {
    const name = await filled(subject.store, 2);
    const refused = append(name, 'no-stream', [event()]);
    await expect(refused).rejects.toThrow(RevisionConflict);
    await expect(refused).rejects.toMatchObject({ stream: name, expected: 'no-stream', actual: 1n });
  });

  test('a revision below the current one conflicts (C5)', async () => {
    const name = await filled(subject.store, 3);
    expect(await outcome(append(name, 0n, [event()]))).toBe('conflict 2');
  });

  test('a revision above the current one conflicts (C6)', async () => {
    const name = await filled(subject.store, 3);
    expect(await outcome(append(name, 3n, [event()]))).toBe('conflict 2');
  });

  test('a revision on a stream that does not exist conflicts (C7)', async () => {
    expect(await outcome(append(stream(), 0n, [event()]))).toBe('conflict no-stream');
  });

  test.each(['any', 'stream-exists', -1n, -2n, 0, undefined, null])(
    'an expected revision of %p is refused, whatever the types say (C8)',
    async (smuggled) => {
      const name = stream();
      await expect(append(name, smuggled as ExpectedRevision, [event()])).rejects.toThrow(InvalidEvent);
      expect(await stored(subject.store, name)).toEqual([]);
    },
  );

  test('an append of nothing is refused (C9)', async () => {
    await expect(append(stream(), 'no-stream', [])).rejects.toThrow(InvalidEvent);
  });

  test('of an append that conflicts nothing is stored (C10)', async () => {
    const name = await filled(subject.store, 2);
    expect(await outcome(append(name, 0n, events(3)))).toBe('conflict 1');
    expect(await everything(subject.store)).toHaveLength(2);
  });

  test('500 events go in one append, 501 do not (C11)', async () => {
    const name = stream();
    await expect(append(name, 'no-stream', events(501))).rejects.toThrow(EventTooLarge);
    const list = events(500);
    expect(await append(name, 'no-stream', list)).toMatchObject({ revision: 499n });
    expect(idsOf(await stored(subject.store, name))).toEqual(idsOf(list));
  });

  test('an append takes 1,000,000 bytes with the names of its events, not one more (C12)', async () => {
    const name = stream();
    const two = (bytes: number) => [sized(400_000), sized(bytes - 400_000 - 2 * NAME_BYTES)];
    await expect(append(name, 'no-stream', two(1_000_001))).rejects.toThrow(EventTooLarge);
    expect(await stored(subject.store, name)).toEqual([]);
    expect(await append(name, 'no-stream', two(1_000_000))).toMatchObject({ revision: 1n });
    expect(await stored(subject.store, name)).toHaveLength(2);
  });

  test('an import brings events of 1 MiB, and 3 MiB at once, not one byte more (C12)', async () => {
    const name = stream();
    const bring = (...sizes: readonly number[]) => {
      const list = sizes.map(sized);
      const append = subject.store.append(name, 'no-stream', list, { isImport: true });
      return Promise.all([subject.store.mustTake(list), append]).then(([, result]) => result);
    };
    const rest = MIB - 3 * NAME_BYTES;
    await expect(bring(MIB + 1)).rejects.toThrow(EventTooLarge);
    await expect(bring(MIB, MIB, rest + 1)).rejects.toThrow(EventTooLarge);
    expect(await stored(subject.store, name)).toEqual([]);
    expect(await bring(MIB, MIB, rest)).toMatchObject({ revision: 2n });
    expect(await stored(subject.store, name)).toHaveLength(3);
  });

  test.each<[string, object, typeof EventRefused]>([
    ['half a character', { a: 'x\ud800y' }, InvalidEvent],
    ['NUL', { a: 'x\u0000y' }, InvalidEvent],
    ['a number beyond 2^53', { a: 1e29 }, InvalidEvent],
    ['65 levels', nestedTo(65), InvalidEvent],
    ['more than an append takes', { pad: 'x'.repeat(1_000_000) }, EventTooLarge],
    ['more than an event takes', { pad: 'x'.repeat(MIB) }, EventTooLarge],
  ])('%s is refused for good: the same class and again, and nobody else is held up', async (_what, data, as) => {
    const name = stream();
    const refused = event({ data: data as NewEvent['data'] });
    for (let time = 0; time < 2; time += 1) {
      const sent = append(name, 'no-stream', [event(), refused]);
      await expect(sent).rejects.toThrow(EventRefused);
      await expect(sent).rejects.toHaveProperty('constructor', as);
    }
    const [alone] = await Promise.all([append(name, 'no-stream', [event()]), append(stream(), 'no-stream', [event()])]);
    expect(alone).toMatchObject({ revision: 0n });
  });

  test(`of ${RUNS} values (seed ${SEED}) each is given back as it was, or refused for good as in memory`, async () => {
    const memory = new MemoryEventStore();
    const dataOf = async (name: string) => (await subject.store.readStream(name, { limit: 1 }))[0]?.data;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(anyData(), async (data) => {
        const name = stream();
        const told = event({ data: data as NewEvent['data'] });
        const asInMemory = await memory.append(name, 'no-stream', [told]).then(taken, refusedAs);
        expect(await append(name, 'no-stream', [told]).then(taken, refusedAs)).toEqual(asInMemory);
        if (asInMemory.kind === 'refused') refused += 1;
        else expect(isDeepStrictEqual(await dataOf(name), data)).toBe(true);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(refused).toBeGreaterThan(RUNS / 10);
    expect(refused).toBeLessThan(RUNS - RUNS / 10);
  });

  test('a store that was closed says so, to every call', async () => {
    const { store } = subject;
    await store.close();
    await expect(append(stream(), 'no-stream', [event()])).rejects.toThrow(StoreClosed);
    await expect(store.readStream(stream(), { limit: 1 })).rejects.toThrow(StoreClosed);
    await expect(store.readAll({ prefixes: [''], limit: 1 })).rejects.toThrow(StoreClosed);
    await expect(store.close()).resolves.toBeUndefined();
  });
}
