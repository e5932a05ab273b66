import { programOf, suiteFailure } from '../../src/application/sagas/tool-failure';
import type { RunResult } from '../../src/application/ports/process-runner';
import type { FailureFinding } from '../../src/domain/failures/classify';
import type { CommandLine } from '../../src/domain/policy/project-policy';

const SHELL = 'npm test';

test.each<[string, CommandLine, string, string | null]>([
  ['dash', SHELL, 'sh: 1: jest: not found', 'jest'],
  ['bash', SHELL, 'bash: line 1: no-such: command not found', 'no-such'],
  ['busybox', SHELL, 'sh: jest: not found', 'jest'],
  ['env', SHELL, 'env: ‘node18’: No such file or directory', 'node18'],
  ['a path that may not be executed', SHELL, 'sh: 1: ./run.sh: Permission denied', './run.sh'],
  ['the last of several complaints', SHELL, 'sh: 1: a: not found\nmore\nsh: 2: b: not found\n', 'b'],
  ['no complaint at all', SHELL, 'tests: 3 found', null],
  ['no output', SHELL, '', null],
  ['an argument list, whose first word it is', ['no-such', '--all'], '', 'no-such'],
  ['a list whose program has started another', ['make', 'test'], 'make: jest: No such file or directory', 'jest'],
  ['an empty list', [], '', null],
])('the missing program is named by %s', (_name, command, output, program) => {
  expect(programOf(command, output)).toBe(program);
});

test('a name is one short plain line, whatever the output holds', () => {
  const name = `\u001b[31m${'x'.repeat(5_000)}\u202e`;
  expect(programOf(SHELL, `sh: 1: ${name}: not found`)).toMatch(/^x{1,100}$/);
});

const FOUND: FailureFinding = {
  class: 'timeout',
  reason: 'timeout',
  retryable: true,
  rule: 'timeout',
  ruleVersion: 1,
  evidence: ['from the rule'],
};

test('of other failures no program is told, and the words are those of the runner', () => {
  const run = { kind: 'tool_error', reason: 'timeout', evidence: ['the time was up'] } as unknown as RunResult;
  const step = { name: 'suite', command: ['make'] } as const;
  expect(suiteFailure(run, FOUND, step, 'sh: 1: jest: not found')).toEqual({
    reason: 'timeout',
    retryable: true,
    evidence: ['the time was up'],
    rule: 'timeout',
    ruleVersion: 1,
  });
});

test('of a command that ended by itself there are the words of the rule', () => {
  const run = { kind: 'executed', exitCode: 5 } as unknown as RunResult;
  const step = { name: 'suite', command: 'pytest' } as const;
  expect(suiteFailure(run, FOUND, step, '')).toMatchObject({ evidence: ['from the rule'], exitCode: 5 });
});
