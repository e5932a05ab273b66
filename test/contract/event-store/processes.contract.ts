import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { rounds } from '../../support/rounds';
import type { Subject } from '../support/adapter';
import { timesSeen } from '../support/consumer';
import { winsByRound } from '../support/contend';
import { event, events, everything, filled, idsOf, outcome, stored, stream } from '../support/events';
import { Follower } from '../support/follower';
import { isLinearizable, type Call } from '../support/linearizable';
import { endStoreProcesses, StoreProcess } from '../support/store-process';
import { until } from '../support/until';

const KILLS = rounds(25, 10);
/** Four points at which a consumer dies, in turn. */
const DEATHS = rounds(20, 4);
const KILLED_AT_ONCE = 5;
/** Starting processes takes its time on a busy machine. */
const LIMIT_MS = 120_000;

/** For logs that other processes can open. C18, C27, C53, C56 to C59. */
export function processesContract(subject: Subject): void {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stagegate-contract-'));
  });
  afterEach(async () => {
    await endStoreProcesses();
    rmSync(folder, { recursive: true, force: true });
  });

  test(
    'of the contenders of two processes one wins each of 40 rounds, and all they saw has one order (C18)',
    async () => {
      const name = stream();
      const processes = await Promise.all([StoreProcess.start(subject.target), StoreProcess.start(subject.target)]);
      const calls: Call[] = [];
      const winners = new Set<number>();
      for (let round = 0; round < 40; round += 1) {
        // In turns, since who is asked first is ahead.
        const order = round % 2 === 0 ? [0, 1] : [1, 0];
        const contest = { stream: name, round, contenders: 8 };
        const histories = await Promise.all(
          order.map((index) => (processes[index] as StoreProcess).run('contend', contest)),
        );
        calls.push(...histories.flat());
        order.forEach((index, place) => {
          if (winsByRound(histories[place] ?? [], 40)[round] === 1) winners.add(index);
        });
      }
      expect(calls).toHaveLength(40 * 16);
      expect(winsByRound(calls, 40)).toEqual(new Array(40).fill(1));
      expect(isLinearizable(calls)).toBe(true);
      // Else they ran one after the other and nothing was contended.
      expect(winners.size).toBe(2);
    },
    LIMIT_MS,
  );

  test('a re-send is recognised after a restart (C27)', async () => {
    const name = stream();
    const list = events(3);
    await subject.store.append(name, 'no-stream', list);
    await subject.store.close();
    const reopened = await subject.another();
    const { tellsNoDuplicates, storesIdsAgain } = subject.differences;
    const duplicate = tellsNoDuplicates ? {} : { duplicate: true };
    expect(await reopened.append(name, 'no-stream', list)).toMatchObject({ revision: 2n, ...duplicate });
    if (!storesIdsAgain) expect(await outcome(reopened.append(name, 2n, [list[0] ?? event()]))).toBe('EventIdReused');
    expect(idsOf(await stored(reopened, name))).toEqual(idsOf(list));
  });

  test(
    `a consumer that dies between row and checkpoint, ${DEATHS} times, counts every event once (C56)`,
    async () => {
      const readModel = join(folder, 'read-model.db');
      await filled(subject.store, 100);
      for (let kills = 0; kills < DEATHS; kills += 1) {
        const consumer = await StoreProcess.start(subject.target);
        consumer.begin('consume', readModel, 1 + (kills % 4));
        await consumer.ended();
      }
      const last = await StoreProcess.start(subject.target);
      await last.run('consume', readModel, null);
      expect(timesSeen(readModel)).toEqual(new Array(100).fill(1));
    },
    LIMIT_MS,
  );

  test(
    'two processes append 2000 events to one log, none lost and none doubled (C57)',
    async () => {
      const names = Array.from({ length: 2 }, () => stream());
      const writers = await Promise.all(names.map(() => StoreProcess.start(subject.target)));
      await Promise.all(writers.map((writer, index) => writer.run('write', names[index] ?? '', 1_000)));
      const all = await everything(subject.store);
      expect(new Set(all.map(({ id }) => id)).size).toBe(2_000);
      for (const name of names) {
        const revisions = all.filter((item) => item.stream === name).map(({ revision }) => Number(revision));
        expect(revisions).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
      }
    },
    LIMIT_MS,
  );

  test(
    'an append of another process wakes a subscriber (C58)',
    async () => {
      const follower = new Follower().follow(subject.store);
      await follower.catchesUp();
      const writer = await StoreProcess.start(subject.target);
      const sent = event();
      await writer.run('append', stream(), 'no-stream', [sent]);
      await follower.sees(1);
      expect(follower.ids).toEqual([sent.id]);
      await follower.stop();
    },
    LIMIT_MS,
  );

  test(
    `of ${KILLS} processes killed while they append, no acknowledged event is lost (C59)`,
    async () => {
      for (let killed = 0; killed < KILLS; killed += KILLED_AT_ONCE) {
        await Promise.all(Array.from({ length: KILLED_AT_ONCE }, (_, index) => killOne(killed + index)));
      }
      const again = await subject.another();
      const present = new Set(idsOf(await everything(again)));
      const acknowledged = Array.from({ length: KILLS }, (_, index) => acknowledgedIn(file(index))).flat();
      expect(acknowledged.length).toBeGreaterThanOrEqual(KILLS);
      expect(acknowledged.filter((id) => !present.has(id))).toEqual([]);
      expect(await again.append(stream(), 'no-stream', events(2))).toMatchObject({ revision: 1n });
    },
    LIMIT_MS,
  );

  const file = (index: number) => join(folder, `acknowledged-${index}`);

  async function killOne(index: number): Promise<void> {
    const victim = await StoreProcess.start(subject.target);
    victim.begin('writeUntilKilled', stream(), 4, file(index));
    await until('something was acknowledged', () => acknowledgedIn(file(index)).length > 0);
    await delay(Math.random() * 30);
    await victim.kill();
  }
}

function acknowledgedIn(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch {
    return []; // Nothing was acknowledged yet.
  }
}
