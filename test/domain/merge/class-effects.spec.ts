import { answerTo } from '../../../src/domain/gates/gate';
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
  reportStale,
  stagedGreen,
  submittedForStaging,
  suiteRan,
} from '../../support/task-stories';

const running: Line = [submittedForStaging, claim('staging-suite')];
const failing = (failureClass: 'timeout' | 'tool-error' | 'dependency-down' | 'other'): Line => [
  running,
  infraFailed('x', { failureClass }),
];

/** A story that ends with a failure of that class; null for what its gate alone can tell. */
const STORIES: Readonly<Record<FailureClass, Line | null>> = {
  red: [running, suiteRan({ exitCode: 1 })],
  conflict: [stagedGreen, claim('merge-gate'), conflicted('a.ts')],
  timeout: failing('timeout'),
  'lock-busy': [running, lockBusy],
  'tool-error': failing('tool-error'),
  'dependency-down': failing('dependency-down'),
  stale: [running, reportStale()],
  inconclusive: null,
  other: failing('other'),
};

test.each(FAILURE_CLASSES)('%s does what the table says, and costs what it says', (kind) => {
  const story = STORIES[kind];
  const seen = story ? effectIn(given(story).world.log) : ofGate(kind);
  expect(seen).toEqual(CLASS_EFFECTS[kind]);
});

/** What the events of a failure amount to, in the words of the table. */
function effectIn(log: readonly TaskEvent[]): ClassEffect {
  const last = <T extends TaskEvent['type']>(type: T) =>
    log.filter((event) => event.type === type).at(-1)?.data as TaskEventData[T] | undefined;
  const [back, deferred] = [last('StageRolledBack'), last('RunDeferred')];
  if (back) return { effect: 'rollback', budget: budgetOf(back.spends?.budget) };
  if (deferred) return { effect: 'retry', budget: budgetOf(deferred.spends?.budget) };
  return { effect: last('TaskHeld') ? 'hold' : 'restart', budget: 'none' };
}

function budgetOf(spent: string | undefined): ClassEffect['budget'] {
  return spent === 'developer' || spent === 'infra' ? spent : 'none';
}

function ofGate(kind: FailureClass): ClassEffect {
  const { kind: answer } = answerTo(kind as 'inconclusive', {});
  return { effect: answer === 'fail' ? 'rollback' : 'hold', budget: 'none' };
}
