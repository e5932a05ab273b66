import type { ExpectedRevision } from '../../../src/domain/fact';
import { InvalidEvent, type NewEvent } from '../../../src/application/ports/event-store';
import type { Subject } from '../support/adapter';
import { event, events, everything, filled, idsOf, outcome, stored, stream } from '../support/events';

/** C19 to C30. A re-send is recognised by its ids at their places, never by a search. */
export function idempotencyContract(subject: Subject): void {
  const { tellsNoDuplicates, storesIdsAgain } = subject.differences;
  const untold = tellsNoDuplicates ? '; it is not told that it was known' : '';
  const duplicate = tellsNoDuplicates ? {} : { duplicate: true };

  const append = (name: string, expected: ExpectedRevision, list: readonly NewEvent[]) =>
    subject.store.append(name, expected, list);

  /** a and b by one append, then c: the stream that every case below re-sends to. */
  async function abc() {
    const name = stream();
    const [a, b, c] = [event(), event(), event()];
    await append(name, 'no-stream', [a, b]);
    await append(name, 1n, [c]);
    return { name, a, b, c };
  }

  async function expectUntouched(name: string, list: readonly NewEvent[]): Promise<void> {
    expect(idsOf(await stored(subject.store, name))).toEqual(idsOf(list));
  }

  test(`an append sent again after its acknowledgement succeeds and stores nothing (C19${untold})`, async () => {
    const { name, a, b, c } = await abc();
    const again = await append(name, 'no-stream', [a, b]);
    expect(again).toMatchObject({ revision: 1n, ...duplicate });
    if (!tellsNoDuplicates) expect(again.position).toEqual((await stored(subject.store, name))[1]?.position);
    await expectUntouched(name, [a, b, c]);
  });

  test(`the same append sent 16 times at once is stored once, with one answer (C20${untold})`, async () => {
    const other = await subject.another();
    for (let round = 0; round < 20; round += 1) {
      const name = stream();
      const list = events(2);
      const stores = Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? subject.store : other));
      const results = await Promise.all(stores.map((store) => store.append(name, 'no-stream', list)));
      expect(results.every(({ revision }) => revision === 1n)).toBe(true);
      if (!tellsNoDuplicates) expect(results.filter((result) => result.duplicate !== true)).toHaveLength(1);
      await expectUntouched(name, list);
    }
  });

  test('the first part of a stored append is known as stored (C21)', async () => {
    const { name, a, b, c } = await abc();
    expect(await outcome(append(name, 'no-stream', [a]))).toBe('ok 0');
    await expectUntouched(name, [a, b, c]);
  });

  test('what two appends stored is known as stored when it comes as one (C22)', async () => {
    const { name, a, b, c } = await abc();
    expect(await outcome(append(name, 'no-stream', [a, b, c]))).toBe('ok 2');
    await expectUntouched(name, [a, b, c]);
  });

  test('an append that is stored in part conflicts (C23)', async () => {
    const { name, a, b, c } = await abc();
    expect(await outcome(append(name, 'no-stream', [a, b, event()]))).toBe('conflict 2');
    expect(await outcome(append(name, 1n, [c, event()]))).toBe('conflict 2');
    await expectUntouched(name, [a, b, c]);
  });

  test('known ids at other places or in another order conflict (C24)', async () => {
    const { name, a, b, c } = await abc();
    expect(await outcome(append(name, 'no-stream', [b]))).toBe('conflict 2');
    expect(await outcome(append(name, 'no-stream', [b, a]))).toBe('conflict 2');
    expect(await outcome(append(name, 0n, [a]))).toBe('conflict 2');
    await expectUntouched(name, [a, b, c]);
  });

  test('a known id above the current revision conflicts (C25)', async () => {
    const { name, a, b, c } = await abc();
    expect(await outcome(append(name, 9n, [a]))).toBe('conflict 2');
    await expectUntouched(name, [a, b, c]);
  });

  test(`an append is recognised after 1000 later events too (C26${untold})`, async () => {
    const name = stream();
    const first = event();
    await append(name, 'no-stream', [first]);
    await append(name, 0n, events(500));
    await append(name, 500n, events(500));
    await filled(subject.store, 10);
    expect(await append(name, 'no-stream', [first])).toMatchObject({ revision: 0n, ...duplicate });
    expect(await everything(subject.store)).toHaveLength(1011);
  });

  if (storesIdsAgain) {
    test('an id that is in use is stored again where the revision is free: nobody looks for it (C28, declared)', async () => {
      const { name, a, b, c } = await abc();
      expect(await outcome(append(name, 2n, [a]))).toBe('ok 3');
      expect(await outcome(append(stream(), 'no-stream', [a]))).toBe('ok 0');
      await expectUntouched(name, [a, b, c, a]);
    });
  } else {
    test('an id that is in use is refused at a revision that would be free (C28)', async () => {
      const { name, a, b, c } = await abc();
      expect(await outcome(append(name, 2n, [a]))).toBe('EventIdReused');
      expect(await outcome(append(name, 2n, [event(), a]))).toBe('EventIdReused');
      expect(await outcome(append(stream(), 'no-stream', [a]))).toBe('EventIdReused');
      await expectUntouched(name, [a, b, c]);
      expect(await outcome(append(name, 2n, [event()]))).toBe('ok 3');
    });
  }

  test('an id that stands twice in one append is refused (C29)', async () => {
    const twice = event();
    await expect(append(stream(), 'no-stream', [twice, event(), twice])).rejects.toThrow(InvalidEvent);
    expect(await everything(subject.store)).toEqual([]);
  });

  test('the same data under another id conflicts: that is the fence (C30)', async () => {
    const { name, a, b, c } = await abc();
    expect(await outcome(append(name, 1n, [event({ ...c, id: event().id })]))).toBe('conflict 2');
    await expectUntouched(name, [a, b, c]);
  });
}
