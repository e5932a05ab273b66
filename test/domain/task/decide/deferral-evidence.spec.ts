import { SERVICE } from '../../../../src/domain/authority/principal';
import { instant } from '../../../../src/domain/instant';
import { forEverySwitch, type Switches } from '../../../../src/domain/policy/switches';
import { evolve } from '../../../../src/domain/task/evolve';
import { nextStep } from '../../../../src/domain/task/next-step';
import { decide } from '../../../../src/domain/task/task.decider';
import type { DecisionContext, TaskCommand } from '../../../../src/domain/task/task.commands';
import type { TaskEvent } from '../../../../src/domain/task/task.events';
import { initialTask, type Task } from '../../../../src/domain/task/task.state';
import { claimed, policyOf, STAGING, submitted } from '../../../projections/support/scenario';

const AT = instant(Date.parse('2025-01-01T00:01:00.000Z'));
const SEEN = [
  'the time was up, and other processes had the machine',
  'the run used 0.42 of 2 cores, others 1.55; it was stalled 31 % of the time',
  'load 9.1 at the start, 12.0 at the end',
  'process 12 (node) of run old-run-0 used 35.2 s of CPU meanwhile',
  'process 13 (cc1) used 0.9 s of CPU meanwhile',
];
const switches: Switches = forEverySwitch(() => true);
const context: DecisionContext = {
  at: AT,
  policy: policyOf('web'),
  policyDigest: 'd',
  surroundings: { lane: { holder: null, nextInLine: null }, switches },
  random: 0,
  principal: SERVICE,
};

function fold(task: Task, events: readonly TaskEvent[]): Task {
  return events.reduce((state, event) => evolve(state, event, { at: AT, policyDigest: 'd' }), task);
}

test('a deferral says what starved the run: why shows it until the next try', () => {
  const running = fold(initialTask(), [...submitted('web.a'), claimed(STAGING, 'r1')]);
  const claim = running.kind === 'submitted' ? running.claim!.token : '';
  const failure = { reason: 'timeout_starved', retryable: true, evidence: SEEN, step: 'suite' };
  const data = { claim, failureClass: 'timeout', failure, run: null, exhaustedArtifact: null } as const;
  const command: TaskCommand = { type: 'ReportInfraFailure', data };
  const decision = decide(running, command, context);
  if (decision.kind !== 'accept') throw new Error(`expected a deferral, saw ${decision.kind}`);
  const { why } = nextStep(fold(running, decision.events), AT, context.policy, context.surroundings);
  expect(why.code).toBe('deferred');
  expect(why.text).toBe('staging-suite: the time was up while other processes had the machine (timeout, 1 try)');
  expect(why.failure).toMatchObject({ reason: 'timeout_starved', evidence: [...SEEN.slice(0, 4), 'and 1 more'] });
});
