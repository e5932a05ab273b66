import type { EventStore } from '../../../src/application/ports/event-store';
import type { Subject } from '../support/adapter';
import { contend } from '../support/contend';
import { stream } from '../support/events';
import { isLinearizable, type Call } from '../support/linearizable';

/** What concurrent callers saw is explained by one order of their calls: per stream, the store is one register. */
export function linearizabilityContract(subject: Subject): void {
  test('appends and reads of a stream are linearizable, through whichever connection they come', async () => {
    const stores = [subject.store, await subject.another(), await subject.another()];
    for (let repetition = 0; repetition < 5; repetition += 1) {
      const name = stream();
      const rounds = (store: EventStore) =>
        Array.from({ length: 12 }).reduce<Promise<readonly Call[]>>(
          async (before, _, round) => [
            ...(await before),
            ...(await contend(store, { stream: name, round, contenders: 6, isMixed: true })),
          ],
          Promise.resolve([]),
        );
      const histories = await Promise.all(stores.map(rounds));
      expect(isLinearizable(histories.flat())).toBe(true);
    }
  });
}
