import {
  decideLane as decideLaneAt,
  evolveLane,
  GRANT_WITHOUT_CLAIM_MS,
  initialLane,
  isGrantOverdue,
  type Lane,
  type LaneCommand,
} from '../../../src/domain/lane/lane.decider';
import { LANE_EVENT_VERSIONS, type LaneEvent } from '../../../src/domain/lane/lane.events';
import { plusMs } from '../../../src/domain/instant';
import { START } from '../../support/given-when-then';
import { OTHER_TASK, TASK } from '../../support/policies';
import { HEAD } from '../../support/task-stories';

const GRANT: LaneCommand = { type: 'GrantLane', data: { taskId: TASK, headOid: HEAD } };
const GRANT_OTHER: LaneCommand = { type: 'GrantLane', data: { taskId: OTHER_TASK, headOid: HEAD } };

const decideLane = (state: Lane, command: LaneCommand) => decideLaneAt(state, command, { at: START, breaker: null });

function release(epoch: string): LaneCommand {
  return { type: 'ReleaseLane', data: { epoch, reason: 'landed', outcome: null } };
}

function reap(epoch: string): LaneCommand {
  return { type: 'ReapLane', data: { epoch, reason: 'its worker died', outcome: null } };
}

/** Every command must be accepted. */
function lane(...commands: readonly LaneCommand[]): Lane {
  return commands.reduce((state, command) => {
    const decision = decideLane(state, command);
    if (decision.kind !== 'accept') throw new Error(`${command.type}: ${JSON.stringify(decision)}`);
    return decision.events.reduce((next: Lane, event) => evolveLane(next, event, START), state);
  }, initialLane());
}

describe('a lane', () => {
  test('is granted to one task, and the revision of the grant is its epoch', () => {
    expect(decideLane(initialLane(), GRANT)).toEqual({
      kind: 'accept',
      events: [{ type: 'LaneGranted', data: { taskId: TASK, headOid: HEAD } }],
    });
    expect(lane(GRANT)).toEqual({
      revision: 0n,
      damage: null,
      ends: [],
      pause: null,
      grant: { taskId: TASK, headOid: HEAD, epoch: '0', at: START },
    });
    expect(lane(GRANT, release('0'), GRANT_OTHER).grant).toMatchObject({ taskId: OTHER_TASK, epoch: '2' });
  });

  test('is refused to a second task, and granted once to the first', () => {
    expect(decideLane(lane(GRANT), GRANT_OTHER)).toMatchObject({ kind: 'reject', reason: 'lane-busy' });
    expect(decideLane(lane(GRANT), GRANT)).toEqual({ kind: 'nothing' });
  });

  test.each([
    ['released', release, 'LaneReleased'],
    ['taken back', reap, 'LaneReaped'],
  ] as const)('is %s by citing its grant, once', (_how, command, type) => {
    const reason = type === 'LaneReleased' ? 'landed' : 'its worker died';
    expect(decideLane(lane(GRANT), command('0'))).toEqual({
      kind: 'accept',
      events: [{ type, data: { epoch: '0', taskId: TASK, reason } }],
    });
    expect(lane(GRANT, command('0')).grant).toBeNull();
    expect(decideLane(lane(GRANT, command('0')), command('0'))).toMatchObject({ reason: 'stale-epoch' });
  });

  test.each(['1', '00', '', '-1', 'x'])('is not freed by somebody who cites %j instead', (epoch) => {
    for (const command of [release(epoch), reap(epoch)]) {
      expect(decideLane(lane(GRANT), command)).toMatchObject({ kind: 'reject', reason: 'stale-epoch' });
    }
    expect(decideLane(initialLane(), release(epoch))).toMatchObject({ reason: 'stale-epoch' });
  });

  test('keeps the newer grant when an older one is freed late: an event is a fact, and it is not about this one', () => {
    const late: LaneEvent = { type: 'LaneReleased', data: { epoch: '0', taskId: TASK, reason: 'late' } };
    expect(evolveLane(lane(GRANT, release('0'), GRANT_OTHER), late, START).grant).toMatchObject({ epoch: '2' });
  });

  test('counts events it does not know, and nothing else', () => {
    const unknown = { type: 'LanePainted', data: { colour: 'red' } } as unknown as LaneEvent;
    const held = lane(GRANT);
    expect(evolveLane(held, unknown, START)).toEqual({ ...held, revision: 1n });
  });

  test('that was granted and not used is overdue after 30 seconds', () => {
    const { grant } = lane(GRANT);
    if (!grant) throw new Error('no grant');
    expect(isGrantOverdue(grant, plusMs(START, GRANT_WITHOUT_CLAIM_MS))).toBe(false);
    expect(isGrantOverdue(grant, plusMs(START, GRANT_WITHOUT_CLAIM_MS + 1))).toBe(true);
    expect(GRANT_WITHOUT_CLAIM_MS).toBe(30_000);
  });

  test('has these events, at these versions', () => {
    expect(LANE_EVENT_VERSIONS).toEqual({
      LaneGranted: 1,
      LaneReleased: 1,
      LaneReaped: 1,
      LanePaused: 1,
      LaneAlertAnswered: 1,
      LaneProbeFailed: 1,
      LaneResumed: 1,
    });
  });
});
