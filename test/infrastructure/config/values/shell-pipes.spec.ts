import { pipeUse } from '../../../../src/infrastructure/config/values/shell-pipes';

test.each([
  'npm test | tee log',
  'npm test|tee log',
  'npm test 2>&1 |& tee log',
  'x=$(npm test | tail -1)',
  'cd app && npm test\n  | tee log',
  'a || b | c',
  "echo 'it' | cat",
  'echo \\"x | cat',
])('%j hides the exit code of what stands before the pipe', (text) => {
  expect(pipeUse(text)).toBe('hides-failure');
});

test.each([
  'npm test',
  'a || b',
  'a||b',
  "grep 'a|b' file",
  'grep "a|b" file',
  'grep "a\\"|b" file',
  'echo a\\|b',
  'echo x >| file',
  "bash -o pipefail -c 'npm test | tee log'",
  'npm test # | tee log',
  'echo a#b',
])('%j has no pipe', (text) => {
  expect(pipeUse(text)).toBe('none');
});

test.each(['set -o pipefail; npm test | tee log', 'set -euo pipefail\nnpm test'])(
  '%j needs a sh that knows it',
  (text) => {
    expect(pipeUse(text)).toBe('asks-for-pipefail');
  },
);
