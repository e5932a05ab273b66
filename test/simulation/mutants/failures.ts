import type { Mutant } from './mutant';

/** Red, chance or the machine, and what it costs whom. */
export const FAILURES: readonly Mutant[] = [
  {
    name: 'an alert stays open when its task has got on',
    caughtBy: ['I50'],
    file: 'src/domain/task/changes/alert-changes.ts',
    find: 'alert.isOver || isOut || (isLifted && alert.isOfHold)',
    replace: 'alert.isOver || isOut',
  },
  {
    name: 'an alert that is closed is taken care of again',
    caughtBy: ['I50'],
    file: 'src/domain/task/decide/decide-alert.ts',
    find: "if (alert.state === 'acknowledged') return nothing();\n  if (alert.state === 'closed')",
    replace: "if (alert.state === 'acknowledged') return nothing();\n  if (alert.state === 'raised' && note === '')",
  },
  {
    name: 'an alert is closed by people as often as they ask',
    caughtBy: ['I50'],
    file: 'src/domain/task/decide/decide-alert.ts',
    find: "if (alert.state === 'closed') return nothing();",
    replace: '',
  },
  {
    name: 'an infrastructure failure costs a developer retry',
    caughtBy: ['I6'],
    file: 'src/domain/task/decide/infra-failure.ts',
    find: "effect === 'defer-free' ? null : priceOf(failureClass, job);",
    replace: "priceOf(failureClass, job) && { budget: 'developer', key: 'task' };",
  },
  {
    name: 'a developer is asked to repair what infrastructure ended',
    caughtBy: ['I6'],
    file: 'src/domain/task/next/producers.ts',
    find: "if (stage === 'development' && isUntested(task)) return untested(task);",
    replace: '',
  },
  {
    name: 'a green of no tests is one',
    caughtBy: ['I48'],
    file: 'src/domain/witness/witness-finding.ts',
    find: 'if (tests.executed === 0)',
    replace: 'if (tests.executed < 0)',
  },
  {
    name: 'an exit code that a pipe hides is believed',
    caughtBy: ['I48'],
    file: 'src/domain/witness/witness-finding.ts',
    find: 'if (tests.failed > 0)',
    replace: 'if (tests.failed > 99)',
  },
  {
    name: 'what the output claims takes the place of a report that is demanded',
    caughtBy: ['I48'],
    file: 'src/domain/witness/witness-finding.ts',
    find: '(!tests || tests.isClaimed))',
    replace: '!tests)',
  },
  {
    name: 'a re-test of no tests lands',
    caughtBy: ['I48', 'I41'],
    from: 100,
    file: 'src/domain/gates/merge.gate.ts',
    find: "return hold('not-executed', evidence);",
    replace: 'return pass(evidence);',
  },
  {
    name: 'a single red counts',
    caughtBy: ['I42'],
    file: 'src/domain/merge/colours.ts',
    find: "return colour === 'red' && isConfirmed ? 'unconfirmed' : colour;",
    replace: "return isConfirmed || colour === 'green' ? colour : 'red';",
  },
  {
    name: 'red and green on one tree sends the task back',
    caughtBy: ['I41'],
    file: 'src/domain/gates/merge.gate.ts',
    find: 'return answerTo(merge.retest, evidence);',
    replace: "return answerTo('red', evidence);",
  },
  {
    name: 'red and green on one tree lands',
    caughtBy: ['I41'],
    file: 'src/domain/gates/merge.gate.ts',
    find: 'return answerTo(merge.retest, evidence);',
    replace: "return merge.retest === 'red' ? answerTo('red', evidence) : pass(evidence);",
  },
  {
    name: 'a timeout of the suite is taken for a green',
    caughtBy: ['I5'],
    from: 20,
    file: 'src/application/sagas/suite-run.ts',
    find: "if (result.kind === 'tool_error' && result.reason === 'aborted' && signal.aborted) return { kind: 'aborted' };",
    replace:
      "if (result.kind === 'tool_error' && result.reason === 'timeout') return { kind: 'executed', run: { ...run, exitCode: 0 }, tail };\n" +
      "  if (result.kind === 'tool_error' && result.reason === 'aborted' && signal.aborted) return { kind: 'aborted' };",
  },
  {
    name: 'a hold raises no alert',
    caughtBy: ['I8'],
    file: 'src/domain/task/settle.ts',
    find: "  alert(draft, 'critical', heldTitle(draft.task.id, reason), detailText({ text, failure, remedy }));\n",
    replace: '',
  },
  {
    name: 'a run that the kernel ended for want of memory counts as red',
    caughtBy: ['I31', 'I42'],
    file: 'src/domain/failures/rules/machine-rules.ts',
    find: "'the kernel ended it for want of memory, as the counter of its cgroup says'),",
    replace: "'the kernel ended it for want of memory, as the counter of its cgroup says', { class: 'red' }),",
  },
  {
    name: 'a missing program counts as red',
    caughtBy: ['I31', 'I42'],
    file: 'src/domain/failures/rules/machine-rules.ts',
    find: "'the program was not found, so nothing ran', { retryable: false }),",
    replace: "'the program was not found, so nothing ran', { class: 'red' }),",
  },
  {
    name: 'a suite that executed and failed counts as a fault of the machine',
    caughtBy: ['I31'],
    file: 'src/domain/failures/failure-rules.ts',
    find: "id: 'executed-and-failed',\n    version: 1,\n    class: 'red',",
    replace: "id: 'executed-and-failed',\n    version: 1,\n    class: 'tool-error',",
  },
  {
    name: 'a set-up that fails counts as red',
    caughtBy: ['I31', 'I42'],
    file: 'src/application/sagas/suite-run.ts',
    find: "if (outcome.kind !== 'executed') return outcome;\n  return kept",
    replace:
      "if (outcome.kind === 'failed') return { kind: 'executed', run: { ...outcome.run, exitCode: 1 }, tail: '' };\n" +
      "  if (outcome.kind !== 'executed') return outcome;\n  return kept",
  },
];
