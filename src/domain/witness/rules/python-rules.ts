import type { CountRule } from '../count-rule';

const PYTEST = 'https://docs.pytest.org/en/stable/how-to/output.html';
const UNITTEST = 'https://docs.python.org/3/library/unittest.html';

/** What pytest counts. An expected failure did run, and went as expected. */
const PYTEST_WORDS = {
  passed: 'passed',
  failed: 'failed',
  error: 'failed',
  errors: 'failed',
  skipped: 'skipped',
  xfailed: 'passed',
  xpassed: 'passed',
} as const;

export const PYTHON_RULES: readonly CountRule[] = [
  {
    id: 'pytest-closing',
    version: 2,
    runner: 'pytest',
    says: /^(?:=+ )?(?<list>\d{1,7} (?:passed|failed|errors?|skipped|deselected|xfailed|xpassed|warnings?|rerun)(?:, \d{1,7} (?:subtests )?[a-z]{3,12}){0,8}) in \d[\d.]{0,9}s(?: \(\d[\d:, days]{0,30}\))?(?: =+)?$/,
    words: PYTEST_WORDS,
    counts: { total: 0 },
    source: PYTEST,
  },
  {
    id: 'pytest-none',
    version: 1,
    runner: 'pytest',
    says: /^(?:=+ )?no tests (?:ran|collected)(?:, \d{1,7} [a-z]{3,12}){0,4}(?: \(\d{1,7} deselected\))? in \d[\d.]{0,9}s(?: =+)?$/,
    counts: { total: 0 },
    source: PYTEST,
  },
  {
    id: 'unittest-ran',
    version: 1,
    runner: 'unittest',
    says: /^Ran (?<total>\d{1,7}) tests? in \d[\d.]{0,9}s$/,
    begins: true,
    source: UNITTEST,
  },
  {
    id: 'unittest-result',
    version: 1,
    runner: 'unittest',
    says: /^(?:OK|FAILED|NO TESTS RAN)(?: \((?<list>[a-z ]{1,30}=\d{1,7}(?:, [a-z ]{1,30}=\d{1,7}){0,5})\))?$/,
    labels: { failures: 'failed', errors: 'failed', skipped: 'skipped', 'unexpected successes': 'failed' },
    within: true,
    ends: true,
    source: UNITTEST,
  },
];
