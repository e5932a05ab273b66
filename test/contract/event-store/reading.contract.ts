import { InvalidEvent, type NewEvent, type StoredEvent } from '../../../src/application/ports/event-store';
import type { JsonObject } from '../../../src/domain/json';
import type { Subject } from '../support/adapter';
import { event, everything, filled, stream } from '../support/events';

const PORTABLE: JsonObject = {
  text: 'grüße 😀 "\\ \u0001 \u2028',
  numbers: [0, -1, 0.1, -2.5e-7, 1e-300, 5e-324, 1.7976931348623157e308 / 1e300, Number.MAX_SAFE_INTEGER],
  nested: { empty: {}, list: [[], [null, true, false]], '': 'no name', 'a.b': 1, __proto: 'x' },
  dropped: undefined,
};

/** Own property of that name, which JSON allows and an object literal does not make. */
const PROTO = JSON.parse('{"__proto__": {"polluted": true}}') as JsonObject;

function circular(): JsonObject {
  const made: Record<string, unknown> = {};
  made['self'] = made;
  return made as JsonObject;
}

function nestedTo(depth: number): JsonObject {
  let made: JsonObject = {};
  for (let level = 0; level < depth; level += 1) made = { made };
  return made;
}

/** C31 to C39. */
export function readingContract(subject: Subject): void {
  const revisions = (list: readonly StoredEvent[]) => list.map(({ revision }) => Number(revision));

  test('a stream is read forwards from its start, its middle and past its end (C31)', async () => {
    const name = await filled(subject.store, 5);
    const read = async (from?: bigint | 'end') =>
      revisions(await subject.store.readStream(name, { limit: 3, ...(from !== undefined && { from }) }));
    expect(await read()).toEqual([0, 1, 2]);
    expect(await read(0n)).toEqual([0, 1, 2]);
    expect(await read(3n)).toEqual([3, 4]);
    expect(await read(5n)).toEqual([]);
    expect(await read(2n ** 60n)).toEqual([]);
    expect(await read('end')).toEqual([4]);
  });

  test('a stream is read backwards from its end or from a revision; limit 1 is its last event (C32)', async () => {
    const name = await filled(subject.store, 5);
    const read = async (limit: number, from?: bigint | 'end') =>
      revisions(
        await subject.store.readStream(name, {
          direction: 'backwards',
          limit,
          ...(from !== undefined && { from }),
        }),
      );
    expect(await read(1)).toEqual([4]);
    expect(await read(1, 'end')).toEqual([4]);
    expect(await read(9)).toEqual([4, 3, 2, 1, 0]);
    expect(await read(2, 2n)).toEqual([2, 1]);
    expect(await read(2, 99n)).toEqual([4, 3]);
  });

  test('a stream that does not exist has no events (C33)', async () => {
    const name = stream();
    expect(await subject.store.readStream(name, { limit: 1 })).toEqual([]);
    expect(await subject.store.readStream(name, { from: 'end', limit: 1 })).toEqual([]);
    expect(await subject.store.readStream(name, { direction: 'backwards', limit: 1 })).toEqual([]);
  });

  test('1000 events by pages of 100 come without gap and without doubles (C34)', async () => {
    const name = await filled(subject.store, 1_000);
    const seen: number[] = [];
    for (let from = 0n; ; from += 100n) {
      const page = await subject.store.readStream(name, { from, limit: 100 });
      if (page.length === 0) break;
      seen.push(...revisions(page));
    }
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  });

  test('every JSON value comes back as it was, from a stream and from the log (C35)', async () => {
    const name = stream();
    const list = [event({ data: PORTABLE, meta: {} }), event({ data: {}, meta: PORTABLE }), event({ data: PROTO })];
    await subject.store.append(name, 'no-stream', list);
    const plain = (item: { data: JsonObject; meta: JsonObject }) =>
      JSON.parse(JSON.stringify([item.data, item.meta])) as unknown;
    for (const back of [await subject.store.readStream(name, { limit: 9 }), await everything(subject.store)]) {
      back.forEach((item, index) => {
        expect([item.data, item.meta]).toEqual(plain(list[index] as NewEvent));
      });
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('what was handed over or read can be changed without changing the log', async () => {
    const name = stream();
    const data = { list: [1] };
    await subject.store.append(name, 'no-stream', [event({ data })]);
    data.list.push(2);
    const [first] = await subject.store.readStream(name, { limit: 1 });
    try {
      (first?.data as { list: number[] }).list.push(3);
    } catch {
      // Frozen: as good as a copy.
    }
    expect((await subject.store.readStream(name, { limit: 1 }))[0]?.data).toEqual({ list: [1] });
  });

  test.each<[string, unknown]>([
    ['text with NUL', { a: 'x\u0000y' }],
    ['a key with NUL', { 'x\u0000': 1 }],
    ['half a surrogate pair', { a: '\ud83d' }],
    ['a BigInt', { a: 1n }],
    ['NaN', { a: NaN }],
    ['infinity', { a: [Infinity] }],
    ['minus zero', { a: -0 }],
    ['2^53', { a: 2 ** 53 }],
    ['1e21', { a: 1e21 }],
    ['undefined in a list', { a: [undefined] }],
    ['a function', { a: () => 1 }],
    ['a date', { a: new Date(0) }],
    ['a map', { a: new Map() }],
    ['itself', circular()],
    ['ever more of itself', nestedTo(10_000)],
    ['a list', [1]],
    ['text', 'x'],
    ['null', null],
    ['nothing', undefined],
  ])('data that is or holds %s is refused, and so is meta (C36)', async (_, value) => {
    const { store } = subject;
    const data = value as JsonObject;
    await expect(store.append(stream(), 'no-stream', [event({ data })])).rejects.toThrow(InvalidEvent);
    await expect(store.append(stream(), 'no-stream', [event({ meta: data })])).rejects.toThrow(InvalidEvent);
    expect(await everything(store)).toEqual([]);
  });

  test('an event tells when it was recorded, as a date (C37)', async () => {
    const before = Date.now();
    const name = await filled(subject.store, 1);
    const [first] = await subject.store.readStream(name, { limit: 1 });
    expect(first?.recordedAt).toBeInstanceOf(Date);
    expect(first?.recordedAt.getTime()).toBeGreaterThanOrEqual(before - 1_000);
    expect(first?.recordedAt.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
  });

  test('id, type and stream come back exactly (C38)', async () => {
    const name = `task-Web.A~b_c-1.${process.pid}`;
    const sent = event({ id: 'ABCDEFAB-0000-4000-8000-00000000000F'.toLowerCase(), type: 'TaskHeld2' });
    await subject.store.append(name, 'no-stream', [sent]);
    const [first] = await subject.store.readStream(name, { limit: 1 });
    expect(first).toMatchObject({ id: sent.id, type: 'TaskHeld2', stream: name, revision: 0n });
  });

  test.each(['', 'x', 'ABCDEFAB-0000-4000-8000-00000000000F', '{abcdefab-0000-4000-8000-00000000000f}', 7])(
    'the event id %j is refused (C38)',
    async (id) => {
      const sent = event({ id: id as string });
      await expect(subject.store.append(stream(), 'no-stream', [sent])).rejects.toThrow(InvalidEvent);
    },
  );

  test.each(['', 'a b', 'Täsk', '1x', 'x'.repeat(101)])('the event type %j is refused (C38)', async (type) => {
    await expect(subject.store.append(stream(), 'no-stream', [event({ type })])).rejects.toThrow(InvalidEvent);
  });

  test.each([
    '',
    'task',
    'task-',
    '-x',
    '$all',
    'Task-x',
    'task-a b',
    'task-a\n',
    'task-ü',
    `task-${'x'.repeat(201)}`,
    7,
  ])('the stream name %j is refused (C39)', async (name) => {
    await expect(subject.store.append(name as string, 'no-stream', [event()])).rejects.toThrow(InvalidEvent);
  });
}
