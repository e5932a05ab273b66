import { foldStored, NOTHING_LOADED } from '../../src/application/task-repository';
import { NEIGHBOUR_CHECK_MS } from '../../src/application/conductor/claim-watch';
import { makeShared } from './history';
import { makeTasks } from './people';
import { startReplica, type Replica, type Shared } from './replica';
import { World } from './world';

/** Everything between noticing and a new claim: some requests of up to 20 ms each way, and a process runner's recovery. */
const THEN_MS = 1_000;

async function claimOf({ log }: Shared, id: string) {
  const events = await log.everything();
  const { state: task } = events.filter(({ stream }) => stream === `task-${id}`).reduce(foldStored, NOTHING_LOADED);
  return task.kind === 'submitted' ? task.claim : null;
}

it.each([1, 2, 3, 4, 5])(
  'a process that is killed loses its claim to its neighbour at once (seed %i)',
  async (seed) => {
    const world = new World(seed, false);
    world.faults.heal();
    const shared = makeShared(world);
    const replicas: Replica[] = [startReplica(shared, 'a'), startReplica(shared, 'a')];
    const [id = ''] = makeTasks(shared, replicas);
    let claim = await claimOf(shared, id);
    while (!claim) {
      await world.scheduler.runUntil(world.scheduler.now + 100);
      claim = await claimOf(shared, id);
    }
    const owner = replicas.find(({ process }) => process.worker === claim.worker);
    if (owner) owner.process.alive = false;
    await world.scheduler.runUntil(world.scheduler.now + NEIGHBOUR_CHECK_MS + THEN_MS);
    expect((await claimOf(shared, id))?.worker).not.toBe(claim.worker);
  },
);
