import { LaneQueue } from '../../src/application/conductor/lane-queue';
import type { LanePause } from '../../src/domain/lane/pause';
import { plusMs } from '../../src/domain/instant';
import { nextStep } from '../../src/domain/task/next-step';
import type { SubmittedTask } from '../../src/domain/task/task.state';
import { contextOf, given, START, submittedOf, type Line } from '../support/given-when-then';
import { OTHER_TASK, TASK } from '../support/policies';
import { after, claim, infraFailed, MINUTE, stagedGreen, toDeploy } from '../support/task-stories';

/** Landed; the machine failed its deploy, and the pause before its retry is over. */
const undeployed: Line = [toDeploy, claim('deploy'), infraFailed(), after(60 * MINUTE)];

function lineIn(queue: LaneQueue, story: Line, change: Partial<SubmittedTask>, pause: LanePause | null = null) {
  const { world } = given(story);
  const { policy, surroundings } = contextOf(world);
  const task = { ...submittedOf(world.task), ...change };
  const step = nextStep(task, world.at, policy, { ...surroundings, lane: { holder: null, nextInLine: null, pause } });
  return queue.update(task, step, world.at, pause);
}

describe('the line for a lane', () => {
  test('a task that has landed and is to be deployed goes before one that came earlier and is more urgent', () => {
    const queue = new LaneQueue();
    lineIn(queue, stagedGreen, { id: OTHER_TASK, priority: 9, stageSince: plusMs(START, -600 * MINUTE) });
    expect(lineIn(queue, undeployed, { id: TASK, priority: 0 })).toBe(TASK);
  });

  test('so it is for the probes of a paused lane, also when its own probe has failed', () => {
    const at = given(undeployed).world.at;
    const pause: LanePause = {
      cause: 'infra-rate',
      runs: 5,
      failures: 5,
      tasks: 3,
      heldMs: MINUTE,
      alert: { revision: '4', state: 'raised' },
      from: START,
      since: START,
      restsSince: START,
      cooldownMs: MINUTE,
      probeAt: at,
      probe: null,
      failedProbes: 1,
      failedBy: [TASK],
    };
    const queue = new LaneQueue();
    lineIn(queue, stagedGreen, { id: OTHER_TASK, priority: 9 }, pause);
    expect(lineIn(queue, undeployed, { id: TASK, priority: 0 }, pause)).toBe(TASK);
  });
});
