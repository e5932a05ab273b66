import type { StoredEvent } from '../../src/application/ports/event-store';
import type { PolicyEvent } from '../../src/domain/policy/policy.events';
import { checkAlerts } from './alert-invariants';
import { checkBreaker } from './breaker-invariants';
import { checkCi, type AskedOfCi } from './ci-invariants';
import { checkJudge, type AskedOfJudge } from './judge-invariants';
import { checkCoverage, type AskedOfCoverage } from './coverage-invariants';
import { checkDependencies, endsIn } from './dependency-invariants';
import { checkHooks } from './hook-invariants';
import { checkLane } from './lane-invariants';
import { dense, odd, uniqueAlerts, uniqueIds } from './log-invariants';
import { checkOverrides } from './override-invariants';
import { recorded } from './recorded';
import { checkRevertAnswers, type AskedOfReverts } from './revert-invariants';
import { checkShadows } from './shadow-invariants';
import { checkMonitor, type Monitors } from './monitor-invariants';
import { checkSwitches } from './switch-invariants';
import { checkTask, type RequiredGates } from './task-invariants';
import type { Violation } from './violation';
import { checkWitness, type Demands } from './witness-invariants';

export type { Violation } from './violation';

/**
 * Reads a log, and nothing but the log, and says where it breaks a promise. It folds the events by its own few rules, not
 * by the product's: a fault in `evolve` must not hide itself.
 *
 * I0 dense and unique, chained, each of the shape that its readers check · I1 one owner · I2 every result cites the open claim, by its owner · I3 a reap cites the open
 * claim · I4 nothing after the end, no way back after landing · I5 one verdict per run · I6 each budget is spent by its own
 * kind of failure, and what infrastructure ended is nobody's to repair · I7 (`isAtRest`) nobody is left hanging · I8 one alert
 * per incident · I12 nothing is claimed that a switch known to its worker has turned off · I14 a skipped re-test is proven ·
 * I16 nothing lands past a gate that the policy of its claim requires and that has not passed · I17 no job is begun for ever ·
 * I20 a gate is got past only by its own answer or by an override on record · I41 the merge gate lets through what its re-test found
 * green, and sends back what it found red, and nothing else · I30 a commit leaves development by what CI says of it, where CI is
 * asked · I45 check_coverage says what the recorded figures of that very candidate say, and nothing lands without · I47 nothing lands without an answer to what it takes back · I49 nothing lands that main's tests are red on, where they are asked · I40 a deploy begins
 * behind the landing, and again only where a person has asked for it · I43 what is watched is done by a whole window of polls that ended well, each of a claim of its own · I33 a shadow leaves facts about itself and nothing else · I34 nothing is staged before what it
 * depends on has landed · I50 an alert that is seen or closed was raised, one per incident, and none is open on a task that has ended or is held no longer · I51 a delivery has one event, and is with a task once, as it was · I48 no suite is a green against its own count of tests · I44 a lane is paused for failures of the machine in it alone, and nobody but a probe gets it meanwhile.
 */
export function check(log: readonly StoredEvent[], options: { isAtRest: boolean }): Violation[] {
  const streams = new Map<string, StoredEvent[]>();
  for (const event of log) streams.set(event.stream, [...(streams.get(event.stream) ?? []), event]);
  const violations = [...uniqueIds(log), ...uniqueAlerts(log)];
  const policies = policiesIn(log);
  const required: RequiredGates = new Map(policies.map(({ digest, policy }) => [digest, policy.requiredGates]));
  const asked: AskedOfCi = new Map(policies.flatMap(({ digest, policy: { ci } }) => (ci ? [[digest, ci]] : [])));
  const monitors: Monitors = new Map(
    policies.flatMap(({ digest, policy: { monitor } }) => (monitor ? [[digest, monitor]] : [])),
  );
  for (const ofProject of byProject(log)) violations.push(...checkSwitches(ofProject), ...checkBreaker(ofProject));
  const measured: AskedOfCoverage = new Map(
    policies.flatMap(({ digest, policy: { coverage } }) => (coverage ? [[digest, coverage]] : [])),
  );
  const demands: Demands = new Map(
    policies.map(({ digest, policy: { staging, testing, retest } }) => [
      digest,
      { staging, testing: testing ?? { witness: null, minTests: 0 }, retest },
    ]),
  );
  const reverting: AskedOfReverts = new Map(policies.map(({ digest, policy }) => [digest, policy]));
  const judging: AskedOfJudge = new Map(
    policies.flatMap(({ digest, policy: { judge } }) => (judge ? [[digest, judge]] : [])),
  );
  const ends = endsIn(log);
  violations.push(...checkDependencies(log), ...checkHooks(log));
  for (const [stream, events] of streams) {
    violations.push(...dense(stream, events), ...odd(events));
    if (stream.startsWith('task-')) {
      violations.push(...checkTask(stream, events, { ...options, required, ends }));
      violations.push(...checkOverrides(events), ...checkCi(events, asked));
      violations.push(...checkShadows(events), ...checkMonitor(events, monitors));
      violations.push(...checkCoverage(events, measured), ...checkWitness(events, demands));
      violations.push(...checkRevertAnswers(events, reverting));
      violations.push(...checkJudge(events, judging), ...checkAlerts(events));
    }
    if (stream.startsWith('lane-')) violations.push(...checkLane(stream, events));
  }
  return violations;
}

/** Streams of a task are `task-<project>.<task>`, the others end with the project. */
function byProject(log: readonly StoredEvent[]): readonly (readonly StoredEvent[])[] {
  const projects = new Map<string, StoredEvent[]>();
  for (const event of log) {
    const [project = ''] = event.stream.replace(/^[a-z]+-/, '').split('.');
    const events = projects.get(project) ?? [];
    events.push(event);
    projects.set(project, events);
  }
  return [...projects.values()];
}

function policiesIn(log: readonly StoredEvent[]): readonly PolicyEvent['data'][] {
  return log.filter(({ type }) => type === 'PolicyRecorded').map((event) => recorded<PolicyEvent>(event).data);
}
