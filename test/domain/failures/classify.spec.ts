import { classify, explain } from '../../../src/domain/failures/classify';
import { BARE_SIGNAL, type FailureSignal } from '../../../src/domain/failures/failure-signal';

const suite = (command: string, exitCode: number, output = '', more: Partial<FailureSignal> = {}): FailureSignal => ({
  ...BARE_SIGNAL,
  command,
  exitCode,
  output: [output],
  ...more,
});
const classOf = (signal: FailureSignal) => {
  const { class: kind, rule } = classify(signal);
  return `${kind} by ${rule}`;
};
const PYTEST = '=== test session starts ===\n';

describe('a suite that executed and did not end with 0 is red', () => {
  test.each([1, 2, 3, 4, 5, 100, 101, 125, 128, 131, 141, 254, 255])('exit code %i, without a word', (exitCode) => {
    expect(classOf(suite('./test.sh', exitCode))).toBe('red by executed-and-failed');
  });

  test.each([132, 134, 135, 136, 139])('exit code %i: it crashed', (exitCode) => {
    expect(classOf(suite('./test.sh', exitCode))).toBe('red by crashed');
  });

  test.each([
    'Error: connect ECONNREFUSED 127.0.0.1:5432',
    "fatal: Unable to create '/x/.git/index.lock': File exists.",
    'ENOSPC: no space left on device, write',
    'Killed',
    'npm error code ENOTFOUND',
    'panic: test timed out after 10m0s',
    'E: Could not get lock /var/lib/dpkg/lock',
    'curl: (6) Could not resolve host: example.com',
    'HTTP 503 Service Unavailable',
    'No tests were interrupted by the timeout of 5000 ms',
  ])('a test may print anything: %s', (line) => {
    const output = `Test Suites: 1 failed, 1 total\nTests:       1 failed, 1 total\n${line}`;
    expect(classOf(suite('npm test', 1, output))).toBe('red by executed-and-failed');
    expect(classOf(suite('./test.sh', 1, line))).toBe('red by executed-and-failed');
  });
});

describe('what a tool documents is a rule', () => {
  test.each<[string, FailureSignal, string]>([
    [
      'pytest found no tests',
      suite('pytest', 5, `${PYTEST}=== no tests ran in 0.01s ===`),
      'tool-error by pytest-no-tests',
    ],
    ['through npm', suite('npm test', 5, `${PYTEST}=== no tests ran in 0.01s ===`), 'tool-error by pytest-no-tests'],
    [
      'through make, which ends with 2',
      suite('make test', 2, `${PYTEST}no tests ran in 0.01s\nmake: *** [Makefile:2: test] Error 5`),
      'tool-error by pytest-no-tests',
    ],
    ['another tool ends with 5', suite('./test.sh', 5, 'no tests ran in 0.01s?'), 'red by executed-and-failed'],
    [
      'pytest does not know an option',
      suite('pytest --nope', 4, 'ERROR: usage: pytest [options]\npytest: error: unrecognized arguments: --nope'),
      'tool-error by pytest-usage',
    ],
    [
      'a conftest that does not import is code',
      suite('pytest', 4, "ImportError while loading conftest '/x/conftest.py'.\nERROR: x"),
      'red by pytest-conftest',
    ],
    [
      'a test file that does not import is code',
      suite('pytest', 2, `${PYTEST}!!! Interrupted: 1 error during collection !!!`),
      'red by pytest-cannot-collect',
    ],
    [
      'pytest was interrupted',
      suite('pytest', 2, `${PYTEST}!!!!!! KeyboardInterrupt !!!!!!\n=== 3 passed in 0.1s ===`),
      'tool-error by pytest-interrupted',
    ],
    [
      'pytest was interrupted after a test had failed',
      suite('pytest', 2, `${PYTEST}!!!!!! KeyboardInterrupt !!!!!!\n=== 1 failed, 3 passed in 0.1s ===`),
      'red by executed-and-failed',
    ],
    ['pytest failed itself', suite('pytest', 3, 'INTERNALERROR> Traceback'), 'tool-error by pytest-internal-error'],
    ['jest found no tests', suite('npx jest', 1, 'No tests found, exiting with code 1'), 'tool-error by jest-no-tests'],
    [
      'a test runs jest, which finds no tests',
      suite('npx jest', 1, 'No tests found, exiting with code 1\nTests:       1 failed, 1 total'),
      'red by executed-and-failed',
    ],
    [
      'go test ended itself',
      suite('go test ./...', 1, 'panic: test timed out after 1s\n\ngoroutine 17 [running]:\nFAIL\tx\t1.0s'),
      'timeout by go-test-timeout',
    ],
    [
      'go test ended itself after a test had failed',
      suite('go test ./...', 1, '--- FAIL: TestA (0.0s)\npanic: test timed out after 1s\n\ngoroutine 17 [running]:'),
      'red by executed-and-failed',
    ],
    [
      'a recipe of make misses its program',
      suite('make test', 2, 'make: jest: No such file or directory\nmake: *** [Makefile:2: test] Error 127'),
      'tool-error by make-program-missing',
    ],
  ])('%s', (_name, signal, expected) => {
    expect(classOf(signal)).toBe(expected);
  });

  test.each([126, 127, 130, 137, 139, 143])('mocha counts its failures: %i of them are red', (count) => {
    const reason = count < 128 ? 'command_not_found' : 'killed_externally';
    expect(classOf(suite('mocha', count, `  3 passing\n  ${count} failing\n`, { reason }))).toBe(
      'red by mocha-counts-failures',
    );
    expect(classOf(suite('mocha', count, `  3 passing\n  1 failing\n`, { reason }))).toMatch(/^tool-error /);
  });
});

describe('memory', () => {
  const killed = 'c++: fatal error: Killed signal terminated program cc1plus';

  test('a compiler that the kernel ended, as the cgroup says', () => {
    expect(classOf(suite('make', 2, killed, { isOomKilled: true }))).toBe('tool-error by memory-inside');
  });

  test('the same words without the counter of the cgroup are red', () => {
    expect(classOf(suite('make', 2, killed))).toBe('red by executed-and-failed');
  });

  test('the counter without such words is red: other runs count into it, too', () => {
    expect(classOf(suite('make', 2, '1 failed', { isOomKilled: true }))).toBe('red by executed-and-failed');
  });
});

describe('a set-up says nothing about the change', () => {
  test.each([
    ['npm error code ENOTFOUND', 'dependency-down by setup-network'],
    ['curl: (22) The requested URL returned error: 503', 'dependency-down by setup-server'],
    ['E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 12', 'lock-busy by setup-lock'],
    ['npm error code ENOSPC', 'tool-error by setup-disk'],
    ['npm error 404 Not Found', 'tool-error by setup-failed'],
    ['error TS2304: Cannot find name', 'tool-error by setup-failed'],
  ])('%s', (line, expected) => {
    expect(classOf(suite('npm ci', 1, line, { step: 'setup' }))).toBe(expected);
  });
});

describe('what stagegate does itself', () => {
  test.each([
    ['GIT_LOCKED', '', 'lock-busy by git-locked'],
    ['GIT_TIMEOUT', '', 'timeout by git-timeout'],
    ['GIT_MAIN_MISSING', '', 'tool-error by git-for-a-person'],
    [
      'GIT_FAILED',
      'git fetch in /x: fatal: unable to access: Could not resolve host: git.x',
      'dependency-down by git-network',
    ],
    ['GIT_FAILED', 'git fetch in /x: fatal: bad object', 'tool-error by git-failed'],
    ['STORE_UNAVAILABLE', '', 'dependency-down by store-away'],
    ['STORE_EVENT_TOO_LARGE', '', 'tool-error by store-refused'],
    ['ARTIFACT_WRITE_FAILED', '', 'tool-error by artifact-failed'],
    ['internal', 'x is not a function', 'other by no-rule'],
    ['SOMETHING_NEW', '', 'other by no-rule'],
  ])('%s %s', (reason, message, expected) => {
    expect(classOf({ ...BARE_SIGNAL, step: 'service', reason, output: [message] })).toBe(expected);
  });
});

test('nothing known at all is for a person', () => {
  expect(classify(BARE_SIGNAL)).toMatchObject({ class: 'other', rule: 'no-rule', reason: 'unknown', retryable: false });
});

test('the rules that would have fitted as well are named in their order', () => {
  const { rule, runnersUp } = explain(suite('pytest', 5, `${PYTEST}=== no tests ran in 0.01s ===`));
  expect([rule.id, ...runnersUp.map(({ id }) => id)]).toEqual(['pytest-no-tests', 'executed-and-failed']);
});

test('the evidence is what the rule has found', () => {
  const { evidence } = classify(
    suite('make test', 2, `${PYTEST}no tests ran in 0.01s\nmake: *** [Makefile:2: test] Error 5`),
  );
  expect(evidence).toEqual(['exit code 2', 'inner exit code 5', 'no tests ran in 0.01s']);
});

test('colours, carriage returns and long output do not hide what a tool says', () => {
  const noise = `${'x'.repeat(300)}\n`.repeat(5_000);
  const said = '\u001b[1mNo tests found, exiting with code 1\u001b[22m\r\n';
  expect(classOf(suite('npx jest', 1, `${noise}${said}`))).toBe('tool-error by jest-no-tests');
  expect(classOf(suite('npx jest', 1, `${said}${noise}`))).toBe('tool-error by jest-no-tests');
});
