import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SampleRepository } from '../support/sample-repository';
import { eachInOwnProject, isBack, isDone, isHeld, type WebProject } from '../support/web-project';

jest.setTimeout(120_000);

/** Finds `eval` in every file, says so in SARIF, and counts its runs in a file outside. */
const SCANNER = `
const { readdirSync, readFileSync, writeFileSync, appendFileSync } = require('node:fs');
const { join } = require('node:path');
appendFileSync(process.argv[2], 'run\\n');
const files = readdirSync('.').filter((name) => name.endsWith('.txt')).sort();
const results = files.flatMap((name) =>
  readFileSync(name, 'utf8').split('\\n').flatMap((text, at) => text.includes('eval') ? [{
    ruleId: 'no-eval', level: 'error', message: { text: 'eval is evil' },
    locations: [{ physicalLocation: { artifactLocation: { uri: 'file://' + join(process.cwd(), name) }, region: { startLine: at + 1, snippet: { text } } } }],
  }] : []));
writeFileSync('report.sarif', JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'scan' } }, results }] }));
`;
/** Repairs what the brief tells, and pushes it. */
const DEVELOPER = [
  'cp "$STAGEGATE_BRIEF_DIR"/security-scan.md "$BRIEF_COPY"',
  'echo clean > a.txt && git add a.txt',
  'git -c user.name=d -c user.email=d@e.f commit -qm clean',
  'git push -q origin HEAD',
].join(' && ');

/** Writes the test that the brief asks for, and pushes it. */
const TESTER = [
  'cp "$STAGEGATE_BRIEF_DIR"/coverage-run.md "$BRIEF_COPY"',
  'cp "$TEST_OF_ALL" test/price.test.js && git add test',
  'git -c user.name=d -c user.email=d@e.f commit -qm tested',
  'git push -q origin HEAD',
].join(' && ');

let web: WebProject;
let sample: SampleRepository;
eachInOwnProject((made) => {
  web = made;
  sample = web.sample;
});

describe('check_security', () => {
  const count = () => readFileSync(join(sample.root, 'scans'), 'utf8').split('\n').length - 1;
  const security = () => {
    writeFileSync(join(sample.root, 'scan.cjs'), SCANNER);
    return {
      command: [process.execPath, join(sample.root, 'scan.cjs'), join(sample.root, 'scans')],
      report: 'report.sarif',
    };
  };

  test('sends back what a change brings in, tells the developer, and lands what is repaired', async () => {
    sample.commit('main', { 'old.txt': 'eval(1)\n' });
    sample.commit('feature', { 'a.txt': 'x\neval(2)\n' }, 'main');
    const copy = join(sample.root, 'brief.md');
    await web.up({ security: security(), agents: { developer: { command: DEVELOPER.replace('$BRIEF_COPY', copy) } } });
    await web.submit('T1', 'feature');
    await web.until('T1', isDone);
    expect(await web.runsOf('T1')).toEqual([
      'staging-suite passed',
      'merge-gate retest-skipped',
      'revert-check evidence',
      'security-scan evidence',
      'agent:developer agent-done',
      'staging-suite passed',
      'merge-gate retest-skipped',
      'revert-check evidence',
      'security-scan evidence',
      'landing landed',
    ]);
    expect(readFileSync(copy, 'utf8')).toContain('`a.txt:2`: error, rule `no-eval` of `scan`');
    expect(readFileSync(copy, 'utf8')).toContain('as grave, and on main as well: 1');
    // Main is scanned once for both: what was found out about its commit is known the second time.
    expect(count()).toBe(3);
    const queue = await web.json('queue');
    expect(queue).toMatchObject({ security_gate: { running: 0, passed: 1, failed: 1, toolErrors: 0 } });

    // Main is where T1 has landed by now, and its report was made before that.
    sample.commit('second', { 'b.txt': 'clean\n' }, 'main');
    await web.submit('T2', 'second');
    await web.until('T2', isDone);
    expect(count()).toBe(4);
  });

  test('says in a line what was found, and passes by a record alone, with the command that why prints', async () => {
    sample.commit('feature', { 'a.txt': 'eval(2)\n' }, 'main');
    await web.up({ security: security(), requiredGates: ['check_security'] });
    await web.submit('T1', 'feature');
    await web.until('T1', isBack);
    expect(await web.why('T1')).toMatch(/the scan found what the change must not bring in/);
    expect(await web.why('T1')).toMatch(/error no-eval a.txt:1: eval is evil/);
    expect(await web.why('T1')).toContain('stagegate waive web.T1 check_security --reason');
    const waive = ['waive', 'web.T1', 'check_security', '--reason', 'looked at it'];
    expect(await web.run(...waive)).toMatchObject({ code: 0 });
    await web.until('T1', isDone);
  });

  test.each([
    ['leaves no report', 'rm -f report.sarif', 'no_report', /saw none/],
    ['leaves half a report', 'echo "{" > report.sarif', 'report_malformed', /expected JSON/],
    ['has its report in the commit already', 'true', 'no_report', /report.sarif/],
    ['leaves a link in its place', 'ln -s /etc/hostname report.sarif', 'no_report', /./],
    ['ends with another exit code', 'exit 3', 'tool_failed', /expected exit code 0, saw 3/],
    ['is not there', 'no-such-scanner', 'command_not_found', /no-such-scanner/],
  ])('is held, never red and never green, when the command %s', async (_what, command, reason, words) => {
    sample.commit('feature', { 'a.txt': 'a\n', 'report.sarif': '{}' }, 'main');
    await web.up({ security: { command, report: 'report.sarif' }, budgets: { infra: 1 } });
    await web.submit('T1', 'feature');
    await web.until('T1', isHeld);
    const told = await web.json('why', 'web.T1');
    expect(told).toMatchObject({ stage: 'deploy-staging', code: 'held:infra-exhausted', failure: { reason } });
    expect(await web.why('T1')).toMatch(words);
  });
});

describe('check_coverage', () => {
  const PRICE = 'exports.price = (kilos) => {\n  if (kilos < 0) {\n    return 0;\n  }\n  return kilos * 3;\n};\n';
  const DISCOUNT = `${PRICE}exports.discount = (kilos) => {\n  if (kilos > 9) {\n    return 1;\n  }\n  return 0;\n};\n`;
  const testOf = (...lines: readonly string[]) =>
    [
      "const { test } = require('node:test');",
      "const assert = require('node:assert');",
      "const shop = require('../src/price.js');",
      ...lines.map((line, at) => `test('${at}', () => ${line});`),
      '',
    ].join('\n');
  const OF_PRICE = ['assert.equal(shop.price(-1), 0)', 'assert.equal(shop.price(1), 3)'];
  const OF_DISCOUNT = ['assert.equal(shop.discount(1), 0)', 'assert.equal(shop.discount(10), 1)'];
  /** Node's own runner, which measures every line of every file that is loaded. */
  const command = [
    ...[process.execPath, '--test', '--experimental-test-coverage', '--test-reporter=lcov'],
    ...['--test-reporter-destination=lcov.info', 'test/'],
  ];
  const coverage = { command, report: 'lcov.info', sources: ['src/**'] };

  test('sends back what no test executes, names the lines, and lands once there is a test', async () => {
    sample.commit('main', { 'src/price.js': PRICE, 'test/price.test.js': testOf(...OF_PRICE) });
    sample.commit('feature', { 'src/price.js': DISCOUNT }, 'main');
    const [copy, tested] = [join(sample.root, 'brief.md'), join(sample.root, 'all.test.js')];
    writeFileSync(tested, testOf(...OF_PRICE, ...OF_DISCOUNT));
    const developer = TESTER.replace('$BRIEF_COPY', copy).replace('$TEST_OF_ALL', tested);
    await web.up({ coverage: { ...coverage, tolerance: 0 }, agents: { developer: { command: developer } } });
    await web.submit('T1', 'feature');
    await web.until('T1', isDone);
    expect(await web.runsOf('T1')).toEqual([
      'staging-suite passed',
      'merge-gate retest-skipped',
      'revert-check evidence',
      'coverage-run evidence',
      'agent:developer agent-done',
      'staging-suite passed',
      'merge-gate retest-skipped',
      'revert-check evidence',
      'coverage-run evidence',
      'landing landed',
    ]);
    const brief = readFileSync(copy, 'utf8');
    expect(brief).toMatch(/changed lines: 33\.3 % \(2 of 6\), at least 80\.0 % asked/);
    expect(brief).toMatch(/main: 66\.6 % of all lines \(8 of 12\), main has 100\.0 % \(6 of 6\)/);
    expect(brief).toContain('`src/price.js`: 8-11');
    const queue = await web.json('queue');
    expect(queue).toMatchObject({ coverage_gate: { running: 0, passed: 1, failed: 1, toolErrors: 0 } });
    expect(sample.git(['show', 'main:src/price.js'], sample.dir)).toBe(DISCOUNT.trim());
  });

  test('a person lets the lines of a file pass on record, and the task says which those are', async () => {
    sample.commit('main', { 'src/price.js': PRICE, 'test/price.test.js': testOf(...OF_PRICE) });
    sample.commit('feature', { 'src/price.js': DISCOUNT }, 'main');
    await web.up({ coverage: { ...coverage, tolerance: 'off' }, requiredGates: ['check_coverage'] });
    await web.submit('T1', 'feature');
    await web.until('T1', isBack);
    expect(await web.why('T1')).toMatch(/too little of the code is covered by tests/);
    expect(await web.why('T1')).toMatch(/src\/price\.js: not covered: 8-11/);
    const waive = ['waive', 'web.T1', 'check_coverage', '--reason', 'seen', '--path', 'src', '--expires', '2h'];
    expect(await web.run(...waive)).toMatchObject({ code: 0 });
    await web.until('T1', isDone);
  });

  test.each([
    [
      'has measured something else',
      { 'lib/new.js': 'exports.x = 1;\n' },
      { sources: ['**/*.js', '!test/**'] },
      'report_mismatch',
      /missing: lib\/new\.js/,
    ],
    [
      'has no file of the commit',
      { 'src/price.js': DISCOUNT },
      { sources: ['lib/**'] },
      'report_mismatch',
      /that `sources` names/,
    ],
    [
      'says NaN',
      { 'src/price.js': DISCOUNT },
      { command: 'printf "SF:src/price.js\\nDA:1,NaN\\nend_of_record\\n" > lcov.info' },
      'report_malformed',
      /saw "NaN"/,
    ],
    [
      'has no lines',
      { 'src/price.js': DISCOUNT },
      {
        command: `echo '{"total":{"lines":{"total":1,"covered":1}},"src/price.js":{"lines":{"total":1,"covered":1}}}' > lcov.info`,
      },
      'report_mismatch',
      /the format summary, which has none/,
    ],
    [
      'has measured nothing',
      { 'src/price.js': DISCOUNT },
      { command: 'echo TN: > lcov.info' },
      'nothing_measured',
      /at least one file/,
    ],
  ])(
    'holds the task, and is neither a pass nor a fail, when the report %s',
    async (_what, files, more, reason, words) => {
      sample.commit('main', { 'src/price.js': PRICE, 'test/price.test.js': testOf(...OF_PRICE) });
      sample.commit('feature', files, 'main');
      await web.up({ coverage: { ...coverage, ...more }, budgets: { infra: 1 } });
      await web.submit('T1', 'feature');
      await web.until('T1', isHeld);
      const told = await web.json('why', 'web.T1');
      expect(told).toMatchObject({ stage: 'deploy-staging', code: 'held:infra-exhausted', failure: { reason } });
      expect(await web.why('T1')).toMatch(words);
    },
  );
});
