import fc from 'fast-check';
import { plusMs, type Instant } from '../../../src/domain/instant';
import {
  decideLane,
  evolveLane,
  initialLane,
  type Lane,
  type LaneCommand,
} from '../../../src/domain/lane/lane.decider';
import type { LaneEvent, LaneOutcome } from '../../../src/domain/lane/lane.events';
import { mayProbe } from '../../../src/domain/lane/pause';
import type { BreakerPolicy } from '../../../src/domain/policy/project-policy';
import { START } from '../../support/given-when-then';
import { HEAD } from '../../support/task-stories';

const MINUTE = 60_000;
const BREAKER: BreakerPolicy = {
  windowMs: 60 * MINUTE,
  minRuns: 5,
  rate: 0.8,
  unmovedMs: 180 * MINUTE,
  cooldownMs: 10 * MINUTE,
};

/** A lane with a clock. */
class Story {
  lane: Lane = initialLane();
  now: Instant = START;
  readonly log: LaneEvent[] = [];
  constructor(private readonly breaker: BreakerPolicy | null = BREAKER) {}

  after(ms: number): this {
    this.now = plusMs(this.now, ms);
    return this;
  }

  tell(command: LaneCommand): string {
    const decision = decideLane(this.lane, command, { at: this.now, breaker: this.breaker });
    if (decision.kind !== 'accept') return decision.kind === 'reject' ? decision.reason : 'nothing';
    for (const event of decision.events) {
      this.lane = evolveLane(this.lane, event, this.now);
      this.log.push(event);
    }
    return decision.events.map(({ type }) => type).join(', ');
  }

  grant(task: string, recovers = false): string {
    return this.tell({ type: 'GrantLane', data: { taskId: `web.${task}`, headOid: HEAD, recovers } });
  }

  release(outcome: LaneOutcome | null): string {
    const epoch = this.lane.grant?.epoch ?? '';
    return this.tell({ type: 'ReleaseLane', data: { epoch, reason: 'deploy-staging', outcome } });
  }

  /** A task has the lane for a while. @returns the events of its end. */
  stay(task: string, outcome: LaneOutcome | null, heldMs = MINUTE): string {
    this.grant(task);
    return this.after(heldMs).release(outcome);
  }
}

function failing(...tasks: readonly string[]): Story {
  const story = new Story();
  for (const task of tasks) story.stay(task, 'infra');
  return story;
}
const paused = () => failing('A', 'B', 'C', 'A', 'B');

describe('the breaker of a lane', () => {
  test('opens with the failure that makes it enough, in the append of its end', () => {
    const story = failing('A', 'B', 'C', 'A');
    expect(story.stay('B', 'infra')).toBe('LaneReleased, LanePaused');
    expect(story.log.at(-1)).toEqual({
      type: 'LanePaused',
      data: {
        cause: 'infra-rate',
        runs: 5,
        failures: 5,
        tasks: 3,
        heldMs: 5 * MINUTE,
        from: plusMs(START, MINUTE),
        taskId: 'web.B',
        cooldownMs: 10 * MINUTE,
        probeAt: plusMs(story.now, 10 * MINUTE),
      },
    });
  });

  test('stays closed while too few ran, or too few different tasks failed, or most said something', () => {
    expect(failing('A', 'B', 'C', 'D').lane.pause).toBeNull();
    expect(failing('A', 'A', 'A', 'A', 'B', 'A').lane.pause).toBeNull();
    const mixed = failing('A', 'B', 'C', 'D');
    mixed.stay('E', 'judged');
    mixed.stay('F', 'landed');
    expect(mixed.stay('G', 'infra')).toBe('LaneReleased');
  });

  test('forgets what is older than its window', () => {
    const story = failing('A', 'B', 'C', 'D');
    expect(story.after(60 * MINUTE).stay('E', 'infra')).toBe('LaneReleased');
  });

  test('does not count what says nothing: a lock, a crash, a branch that moved, a person who stops a task', () => {
    const story = failing('A', 'B', 'C', 'D');
    for (let turn = 0; turn < 20; turn += 1) story.stay(`N${turn}`, null);
    expect(story.lane.pause).toBeNull();
    expect(story.stay('E', 'infra')).toBe('LaneReleased, LanePaused');
  });

  test('opens when the lane was busy for long, failures alone, and main unmoved, though never many within the window', () => {
    const story = new Story();
    story.stay('A', 'infra', 70 * MINUTE);
    story.stay('B', 'infra', 70 * MINUTE);
    expect(story.stay('C', 'infra', 30 * MINUTE)).toBe('LaneReleased');
    expect(story.stay('D', 'infra', 70 * MINUTE)).toBe('LaneReleased, LanePaused');
    expect(story.log.at(-1)).toMatchObject({ data: { cause: 'unmoved', runs: 4, tasks: 4, heldMs: 240 * MINUTE } });
  });

  test.each(['landed', 'judged'] as const)('a run that %s begins that account anew', (outcome) => {
    const story = new Story();
    for (const task of ['A', 'B', 'C']) story.stay(task, 'infra', 59 * MINUTE);
    story.stay('X', outcome, 300 * MINUTE);
    expect(story.stay('D', 'infra', 70 * MINUTE)).toBe('LaneReleased');
  });

  test('main stands still for nobody whose change landed before the machine failed its deploy', () => {
    const story = new Story();
    for (const task of ['A', 'B', 'C', 'D']) story.stay(task, 'undeployed', 100 * MINUTE);
    expect(story.lane.pause).toBeNull();
  });

  test('a deploy that the machine failed is a run that it failed, wherever main is', () => {
    const story = new Story();
    for (const task of ['A', 'B', 'C', 'D']) story.stay(task, 'undeployed');
    expect(story.stay('E', 'undeployed')).toBe('LaneReleased, LanePaused');
    expect(story.lane.pause).toMatchObject({ cause: 'infra-rate', failures: 5 });
    story.now = story.lane.pause?.probeAt ?? '';
    expect(story.stay('F', 'undeployed')).toBe('LaneReleased, LaneProbeFailed');
  });

  test('reds and conflicts never open it, however many there are and however long they take', () => {
    const drawn = fc.array(fc.tuple(fc.constantFrom('judged' as const, 'landed' as const, null), fc.nat(300)));
    fc.assert(
      fc.property(drawn, (stays) => {
        const story = new Story();
        stays.forEach(([outcome, minutes], index) => story.stay(`T${index}`, outcome, minutes * MINUTE));
        expect(story.lane.pause).toBeNull();
      }),
    );
  });

  test('does nothing while it is switched off', () => {
    const story = new Story(null);
    for (const task of ['A', 'B', 'C', 'D', 'E', 'F']) story.stay(task, 'infra');
    expect(story.lane.pause).toBeNull();
    expect(story.lane.ends).toHaveLength(6);
  });
});

describe('a paused lane', () => {
  test('is granted to nobody before the cooldown is over, then to one task as the probe', () => {
    const story = paused();
    expect(story.grant('D')).toBe('lane-paused');
    expect(story.after(10 * MINUTE - 1).grant('D')).toBe('lane-paused');
    expect(story.after(1).grant('D')).toBe('LaneGranted');
    expect(story.log.at(-1)).toMatchObject({ data: { taskId: 'web.D', probe: true } });
    expect(story.grant('E')).toBe('lane-busy');
  });

  test('lets git be asked about an interrupted landing, which is no probe', () => {
    const story = paused();
    expect(story.grant('D', true)).toBe('LaneGranted');
    expect(story.lane.pause).toMatchObject({ probe: null });
    expect(story.release('landed')).toBe('LaneReleased');
    expect(story.lane.pause).not.toBeNull();
  });

  test.each(['landed', 'judged'] as const)('goes on when its probe has %s, and counts from nothing', (outcome) => {
    const story = paused();
    expect(story.after(10 * MINUTE).stay('D', outcome)).toBe('LaneReleased, LaneResumed');
    expect(story.log.at(-1)).toMatchObject({ data: { how: 'probe', by: 'stagegate' } });
    expect(story.lane).toMatchObject({ pause: null, ends: [] });
    expect(story.stay('E', 'infra')).toBe('LaneReleased');
  });

  test('rests for longer after each probe that fails, but not for ever', () => {
    const story = paused();
    const rests: number[] = [];
    for (let probe = 1; probe <= 6; probe += 1) {
      const { probeAt } = story.lane.pause ?? { probeAt: '' };
      story.now = probeAt;
      expect(story.stay('D', 'infra')).toBe('LaneReleased, LaneProbeFailed');
      rests.push((story.lane.pause?.cooldownMs ?? 0) / MINUTE);
    }
    expect(rests).toEqual([20, 40, 80, 80, 80, 80]);
    expect(story.log.filter(({ type }) => type === 'LanePaused')).toHaveLength(1);
    expect(story.lane.pause).toMatchObject({ failedProbes: 6, failedBy: ['web.D'], probe: null });
  });

  test('is tried by another task than those whose probes have failed, where there is one', () => {
    const story = paused();
    story.after(10 * MINUTE).stay('D', 'infra');
    const waiters = ['web.D', 'web.E'].map((taskId) => ({ taskId, hasLanded: false }));
    expect(mayProbe(waiters, story.lane.pause)).toEqual([waiters[1]]);
    expect(mayProbe(waiters.slice(0, 1), story.lane.pause)).toEqual([waiters[0]]);
    expect(mayProbe(waiters, null)).toEqual(waiters);
  });

  test('is tried again by a task that has landed, though its probe has failed: whoever landed on top would end its deploy', () => {
    const story = paused();
    story.after(10 * MINUTE).stay('D', 'undeployed');
    const landed = { taskId: 'web.D', hasLanded: true };
    expect(mayProbe([landed, { taskId: 'web.E', hasLanded: false }], story.lane.pause)).toContain(landed);
  });

  test('lets the next one in when a probe came to nothing', () => {
    const story = paused();
    expect(story.after(10 * MINUTE).stay('D', null)).toBe('LaneReleased');
    expect(story.grant('E')).toBe('LaneGranted');
  });

  test('goes on at once when a person says so, once', () => {
    const story = paused();
    const resume: LaneCommand = { type: 'ResumeLane', data: { how: 'person', by: 'ann', reason: 'disk cleared' } };
    expect(story.tell(resume)).toBe('LaneResumed');
    expect(story.tell(resume)).toBe('nothing');
    expect(story.grant('D')).toBe('LaneGranted');
    expect(story.log.at(-1)?.data).not.toHaveProperty('probe');
  });

  test('does not wait for hours because a clock was set back', () => {
    const story = paused();
    story.now = plusMs(story.now, -300 * MINUTE);
    expect(story.grant('D')).toBe('LaneGranted');
  });

  test('whatever happens: no grant but probes and recoveries while it is paused, and one pause at a time', () => {
    const step = fc.record({
      task: fc.nat(5),
      outcome: fc.constantFrom<LaneOutcome | null>('infra', 'infra', 'infra', 'judged', 'landed', null),
      waitsMs: fc.nat(8 * MINUTE),
      recovers: fc.boolean(),
      isResumed: fc.nat(20).map((drawn) => drawn === 0),
    });
    let pauses = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 90 }), (steps) => {
        const story = new Story({ ...BREAKER, minRuns: 3 });
        for (const { task, outcome, waitsMs, recovers, isResumed } of steps) {
          const { pause } = story.lane;
          const due = pause ? story.now >= pause.probeAt : true;
          const said = story.grant(`T${task}`, recovers);
          expect(said === 'LaneGranted').toBe(due || recovers);
          if (said === 'LaneGranted') story.after(1 + waitsMs).release(outcome);
          else story.after(1 + waitsMs);
          if (isResumed) story.tell({ type: 'ResumeLane', data: { how: 'person', by: 'ann', reason: 'x' } });
        }
        const turns = story.log.filter(({ type }) => type === 'LanePaused' || type === 'LaneResumed');
        expect(turns.map(({ type }) => type)).toEqual(
          turns.map((_, index) => (index % 2 === 0 ? 'LanePaused' : 'LaneResumed')),
        );
        pauses += turns.length;
      }),
    );
    expect(pauses).toBeGreaterThan(20);
  });
});
