import { given, happened, type Line } from '../../../support/given-when-then';
import {
  after,
  CANDIDATE,
  cancel,
  claim,
  deployed,
  deploying,
  evaluateGates,
  hold,
  infraFailed,
  landed,
  landing,
  MINUTE,
  MONITOR,
  NEW_HEAD,
  observeHead,
  override,
  policy,
  policyWithout,
  polled,
  polls,
  reap,
  release,
  releaseClaim,
  retry,
  switches,
  toMonitor,
} from '../../../support/task-stories';

const ASKED = ['GateEvaluated', 'TaskHeld', 'AlertRaised'] as const;
const held = { stage: 'monitoring', hold: { reason: 'gate', gate: 'check_monitor_healthy' } };
const degraded: Line = [toMonitor, polls(false, false)];
const due: Line = [after(MINUTE), claim('monitor-poll')];

describe('a landed task of a project that watches', () => {
  test('waits for its first poll, and holds neither a claim nor the lane', () => {
    const watched = given(toMonitor);
    watched.thenNext('wait', 'monitoring').thenTask({ stage: 'monitoring', claim: null });
    expect(watched.next).toMatchObject({ until: '2026-01-05T08:01:00.000Z' });
    expect(watched.next.why.text).toBe('next poll at 2026-01-05T08:01:00.000Z, 0 of 3 done');
    given(toMonitor, after(MINUTE)).thenNext('run', 'monitor-poll');
    given(policy({ monitor: MONITOR }), deploying, deployed()).thenTask({ stage: 'monitoring' });
  });

  test('without a monitor goes on as it is', () => {
    given(landing, landed()).thenTask({ stage: 'done' });
  });

  test('ends its claim with each poll, and says when the next one is', () => {
    given(toMonitor, due)
      .when(polled())
      .then(happened('MonitorPolled', { poll: 1, ok: true, oid: CANDIDATE, startedAt: '2026-01-05T08:01:00.000Z' }))
      .thenTask({ claim: null, monitor: { polls: 1, bad: 0 } });
    const one = given(toMonitor, polls(true));
    expect(one.next.why.text).toBe('next poll at 2026-01-05T08:02:00.000Z, 1 of 3 done, healthy so far');
    // From the start of one to the next: what a poll takes is no part of it.
    given(toMonitor, due, after(MINUTE / 2), polled(), after(MINUTE / 2)).thenNext('run', 'monitor-poll');
    given(toMonitor, due, after(5 * MINUTE), polled()).thenNext('run', 'monitor-poll');
  });

  test('is done by a whole window of polls that ends well', () => {
    given(toMonitor, polls(true, false), due)
      .when(polled(true, true))
      .then(
        happened('MonitorPolled', { poll: 3 }),
        happened('MonitorFinished', { status: 'HEALTHY', polls: 3, bad: 1 }),
        happened('VerdictRecorded', { stage: 'monitoring', status: 'HEALTHY', subjectOid: CANDIDATE }),
        happened('GateEvaluated', { gate: 'check_monitor_healthy', result: 'pass' }),
        'StageAdvanced',
      )
      .thenTask({ stage: 'done', monitor: null, artifacts: { '17-monitor-log.md': ['7'.repeat(64)] } });
  });

  test('never ends healthy on a bad poll: the window goes on until it is clear', () => {
    const late = given(toMonitor, polls(true, true, false));
    late.thenTask({ stage: 'monitoring', hold: null }).thenNext('wait', 'monitoring');
    expect(late.next.why.text).toContain('3 of 3 done, 1 bad, the last 1 in a row (2 are degraded)');
    given(toMonitor, polls(true, true, false, true)).thenTask({ stage: 'done' });
    given(toMonitor, polls(true, true, false, false)).thenTask(held);
  });

  test('begins anew where it is asked in another way: what was good by that one says nothing about this one', () => {
    const other = (ok: boolean, isLast = false) => polled(ok, isLast, CANDIDATE, 'f'.repeat(64));
    given(toMonitor, polls(true, true), due)
      .when(other(true))
      .then(happened('MonitorPolled', { poll: 1 }))
      .thenTask({ stage: 'monitoring', monitor: { polls: 1, bad: 0 } });
    given(toMonitor, polls(true, false), due, other(false)).thenTask({
      hold: null,
      monitor: { polls: 1, badInRow: 1 },
    });
    given(toMonitor, polls(true, true), due, other(true), due, other(true), due, other(true, true)).thenTask({
      stage: 'done',
    });
  });

  test('is held by enough bad polls in a row, with one alert, and main stays where it is', () => {
    const bad = given(toMonitor, polls(false), due)
      .when(polled(false, true))
      .then(
        happened('MonitorPolled', { poll: 2, ok: false }),
        happened('MonitorFinished', { status: 'DEGRADED' }),
        happened('VerdictRecorded', { status: 'DEGRADED', passed: false }),
        ...ASKED,
      )
      .thenTask({ ...held, landed: { newOid: CANDIDATE }, spent: {} });
    expect(bad.next.why.text).toContain('DEGRADED: 2 bad in a row at poll 2, the last one: exit code 7');
    expect(bad.next.why.remedy).toMatchObject({ then: 'again', override: 'check_monitor_healthy' });
  });

  test('is watched again by a retry, from the first poll on, and by nothing else', () => {
    given(degraded)
      .when(release)
      .then('TaskReleased', ...ASKED, 'AlertClosed')
      .thenTask(held);
    const again = given(degraded)
      .when(retry)
      .then('TaskReleased', happened('VerdictVoided', { stage: 'monitoring' }), 'AlertClosed')
      .thenTask({ monitor: null, hold: null });
    expect(again.next).toMatchObject({ kind: 'wait', why: { code: 'monitoring' } });
    given(degraded, retry, polls(true, true, true)).thenTask({ stage: 'done' });
    given(degraded, override('check_monitor_healthy')).thenTask({ stage: 'done' });
    given(toMonitor, polls(true)).when(retry).thenRejected('landed-already');
    given(toMonitor, due).when(retry).thenRejected('run-in-progress');
  });

  test('fences: a poll is of the open claim, once, and about what has landed', () => {
    given(toMonitor, due, reap()).when(polled()).thenRejected('stale-claim');
    given(toMonitor, due)
      .when(polled(true, false, NEW_HEAD))
      .thenRejected('other-candidate');
    given(deploying).when(polled()).thenRejected('wrong-job');
  });
});

describe('a poll that was not made', () => {
  test('is made again in the same window, under the same number', () => {
    given(toMonitor, polls(true), due, reap(), after(MINUTE), claim('monitor-poll'))
      .when(polled())
      .then(happened('MonitorPolled', { poll: 2 }));
    given(toMonitor, polls(true), due, releaseClaim()).thenNext('run', 'monitor-poll');
  });

  test('is neither good nor bad: infrastructure, with its budget, and then a person', () => {
    given(toMonitor, polls(false), due)
      .when(infraFailed())
      .then('ToolErrored', 'RunDeferred')
      .thenTask({ monitor: { polls: 1, badInRow: 1 }, spent: { 'infra:monitor-poll': 1 }, hold: null });
    const none = policy({ budgets: { developer: 3, agent: 2, infra: 0, crash: 10, landing: 5 } });
    const exhausted: Line = [toMonitor, none, polls(true), due, infraFailed()];
    given(exhausted).thenTask({ stage: 'monitoring', hold: { reason: 'infra-exhausted' }, monitor: { polls: 1 } });
    given(exhausted, release)
      .thenTask({ monitor: { polls: 1 }, spent: {} })
      .thenNext('run', 'monitor-poll');
    given(exhausted, retry).thenTask({ monitor: null });
    // One that was made owes nothing for those before it.
    given(toMonitor, due, infraFailed(), after(30 * MINUTE), claim('monitor-poll'), polled()).thenTask({ spent: {} });
  });

  test('costs a crash retry when its worker dies, and a person when there is none left', () => {
    const none = policy({ budgets: { developer: 3, agent: 2, infra: 3, crash: 0, landing: 5 } });
    given(toMonitor, none, due, reap()).thenTask({ hold: { reason: 'crash-exhausted' } });
    given(toMonitor, none, due, reap(), retry).thenTask({ hold: null, monitor: null });
  });

  test('that was made owes nothing for the workers that died before it, however long the window is', () => {
    const once = policy({ budgets: { developer: 3, agent: 2, infra: 3, crash: 1, landing: 5 } });
    const lived: Line = [due, reap(), after(30 * MINUTE), claim('monitor-poll'), polled()];
    given(toMonitor, once, lived, due, reap()).thenTask({ hold: null, monitor: { polls: 1 } });
    given(toMonitor, once, lived, due, reap(), due, reap()).thenTask({ hold: { reason: 'crash-exhausted' } });
  });
});

describe('around a monitor', () => {
  test('with its switch off it waits for a person, and goes on in its window when it is on again', () => {
    const off: Line = [toMonitor, polls(true), switches({ postDeployMonitor: false })];
    given(off).thenNext('await', 'monitor-switched-off');
    expect(given(off).next.why.remedy).toMatchObject({
      first: expect.stringContaining('switch postDeployMonitor on') as string,
    });
    given(off, after(MINUTE), switches({ postDeployMonitor: true })).thenNext('run', 'monitor-poll');
    given(off, override('check_monitor_healthy')).thenTask({ stage: 'done' });
  });

  test('taken out of the project file it is passed over, unless it has said no', () => {
    given(toMonitor, polls(true), policyWithout('monitor')).thenNext('decide', 'EvaluateGates');
    given(toMonitor, polls(true), policyWithout('monitor'), evaluateGates).thenTask({ stage: 'done' });
    given(degraded, policyWithout('monitor'), release).thenTask(held);
  });

  test('required and not configured it holds the task, until it is configured', () => {
    const required: Line = [policy({ requiredGates: ['check_monitor_healthy'] }), landing, landed()];
    given(required).thenTask(held);
    given(required, release).thenTask(held);
    given(required, policy({ monitor: MONITOR }), release, after(MINUTE)).thenNext('run', 'monitor-poll');
  });

  test('an override ends it, also while it polls, and whatever that poll says', () => {
    given(toMonitor, polls(true), override('check_monitor_healthy')).thenTask({ stage: 'done' });
    given(toMonitor, due, override('check_monitor_healthy'), polled()).thenTask({ stage: 'done' });
    given(toMonitor, polls(false), due, override('check_monitor_healthy'), polled(false, true)).thenTask({
      stage: 'done',
    });
  });

  test('people are answered at once while it polls', () => {
    given(toMonitor, due, hold, polled()).thenTask({ hold: { reason: 'person' }, monitor: { polls: 1 } });
    given(toMonitor, polls(true), hold, after(MINUTE)).thenNext('await', 'held:person');
    given(toMonitor, polls(true), hold, release, after(MINUTE)).thenNext('run', 'monitor-poll');
    given(toMonitor, polls(false), hold).when(cancel).thenRejected('landed-already');
    given(toMonitor, due).when(observeHead()).then('TaskAnnotated');
    // What it comes to while a person holds the task is asked about when that is over.
    given(toMonitor, polls(false), due, hold, polled(false, true), release).thenTask(held);
  });
});
