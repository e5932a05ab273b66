import type { StoredEvent } from '../../src/application/ports/event-store';
import { envelopeOf } from '../support/recorded';
import { check } from '../support/invariants';
import { makeShared } from './history';
import { makeTasks } from './people';
import { startReplica, type Shared } from './replica';
import { monitorOf } from './sim-monitors';
import { World } from './world';

const MINUTE_MS = 60_000;
const EVERY_MS = 10_000;
/** Requests to the store on the way, and what is looked at in between. */
const LATE_MS = 2_000;

/** Commands take longer here than the time between two polls. */
const isWatchedLong = (seed: number) => {
  const { monitor } = monitorOf(seed);
  return monitor?.forMs === 40_000 && monitor.check.kind === 'url';
};
const SEEDS = Array.from({ length: 200 }, (_, index) => index + 1)
  .filter(isWatchedLong)
  .slice(0, 8);

/** Goes on until some task has been polled as often, and not been watched to the end. @returns whether there is one. */
async function untilPolled({ log, world }: Shared, times: number): Promise<boolean> {
  for (let looks = 0; looks < 600; looks += 1) {
    await world.scheduler.runUntil(world.scheduler.now + 500);
    const events = await log.everything();
    const polls = events.filter(({ type }) => type === 'MonitorPolled');
    const ended = events.filter(({ type }) => type === 'MonitorFinished').map(({ stream }) => stream);
    if (polls.some(({ stream }) => !ended.includes(stream) && of(polls, stream).length >= times)) return true;
  }
  return false;
}

const of = (events: readonly StoredEvent[], stream: string) => events.filter((event) => event.stream === stream);
const atMs = (event: StoredEvent) => Date.parse(envelopeOf(event).occurredAt);
const claimsOf = (events: readonly StoredEvent[]) =>
  events.filter(
    ({ type, data }) => type === 'TransitionClaimed' && (data['job'] as { kind: string }).kind === 'monitor-poll',
  );

describe('between two polls', () => {
  it.each(SEEDS)('nothing is held, and timers wake in time, by the clock of then (seed %i)', async (seed) => {
    const world = new World(seed, false);
    world.faults.heal();
    const shared = makeShared(world);
    const tasks = makeTasks(shared, [startReplica(shared, 'a')]);
    await world.scheduler.runUntil(15 * MINUTE_MS);
    const events = await shared.log.everything();
    expect(check(events, { isAtRest: true })).toEqual([]);
    for (const stream of tasks.map((id) => `task-${id}`)) {
      const mine = of(events, stream);
      const began = mine.find(({ type, data }) => type === 'StageAdvanced' && data['to'] === 'monitoring');
      const claims = claimsOf(mine);
      const times = [...(began ? [began] : []), ...claims].map(atMs);
      const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      for (const gap of gaps) expect([gap >= EVERY_MS, gap <= EVERY_MS + LATE_MS]).toEqual([true, true]);
      // Each is closed by its poll before anything else happens to the task.
      const ends = claims.map((claim) => mine[mine.indexOf(claim) + 1]?.type);
      expect(ends.filter((type) => type !== 'MonitorPolled')).toEqual([]);
    }
  });

  it.each(SEEDS)(
    'a process that dies takes no poll with it: another one goes on in the window (seed %i)',
    async (seed) => {
      const world = new World(seed, false);
      world.faults.heal();
      const shared = makeShared(world);
      const replica = startReplica(shared, 'a');
      makeTasks(shared, [replica]);
      if (!(await untilPolled(shared, 1))) return;
      replica.process.alive = false;
      await world.scheduler.runUntil(world.scheduler.now + MINUTE_MS);
      startReplica(shared, 'a');
      await world.scheduler.runUntil(world.scheduler.now + 15 * MINUTE_MS);
      const events = await shared.log.everything();
      // I43 has the numbers.
      expect(check(events, { isAtRest: true })).toEqual([]);
      expect(events.filter(({ type }) => type === 'MonitorFinished').length).toBeGreaterThan(0);
    },
  );
});
