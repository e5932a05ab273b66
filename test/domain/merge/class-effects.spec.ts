import {
  CLASS_EFFECTS,
  FAILURE_CLASSES,
  type ClassEffect,
  type FailureClass,
} from '../../../src/domain/merge/failure-class';
import type { TaskEvent, TaskEventData } from '../../../src/domain/task/task.events';
import { given, type Line } from '../../support/given-when-then';
import {
  claim,
  conflicted,
  infraFailed,
  lockBusy,
  rebasedOnto,
  redSeen,
  reportStale,
  retested,
  stagedGreen,
  submittedForStaging,
  suiteRan,
} from '../../support/task-stories';

const running: Line = [submittedForStaging, claim('staging-suite')];
const failing = (failureClass: 'timeout' | 'tool-error' | 'dependency-down' | 'other'): Line => [
  running,
  infraFailed('x', { failureClass }),
];

/** A story that ends with a failure of that class. */
const STORIES: Readonly<Record<FailureClass, Line>> = {
  red: [running, suiteRan({ exitCode: 1 })],
  conflict: [stagedGreen, claim('merge-gate'), conflicted('a.ts')],
  timeout: failing('timeout'),
  'lock-busy': [running, lockBusy],
  'tool-error': failing('tool-error'),
  'dependency-down': failing('dependency-down'),
  stale: [running, reportStale()],
  inconclusive: [stagedGreen, claim('merge-gate'), rebasedOnto(), redSeen(), retested()],
  other: failing('other'),
};

test.each(FAILURE_CLASSES)('%s does what the table says, and costs what it says', (kind) => {
  expect(effectIn(given(STORIES[kind]).world.log)).toEqual(CLASS_EFFECTS[kind]);
});

/** What the events of a failure amount to, in the words of the table. */
function effectIn(log: readonly TaskEvent[]): ClassEffect {
  const last = <T extends TaskEvent['type']>(type: T) =>
    log.filter((event) => event.type === type).at(-1)?.data as TaskEventData[T] | undefined;
  const [back, deferred, held] = [last('StageRolledBack'), last('RunDeferred'), last('TaskHeld')];
  if (back) return { effect: 'rollback', budget: budgetOf(back.spends?.budget) };
  if (deferred) return { effect: 'retry', budget: budgetOf(deferred.spends?.budget) };
  return { effect: held ? 'hold' : 'restart', budget: budgetOf(held?.budget?.budget) };
}

function budgetOf(named: string | undefined): ClassEffect['budget'] {
  return named === 'developer' || named === 'infra' || named === 'flake' ? named : 'none';
}
