import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastJson, startService, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

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

const session = new CliSession();
let sample: SampleRepository;
let env: Record<string, string>;
let service: RunningService | null = null;
let stateDir: string;
beforeEach(() => {
  sample = new SampleRepository();
  stateDir = mkdtempSync(join(tmpdir(), 'stagegate-gates-'));
});
afterEach(async () => {
  await service?.stop();
  service = null;
  rmSync(stateDir, { recursive: true, force: true });
  sample.dispose();
});
afterAll(() => session.close());

async function up(project: object): Promise<void> {
  const web = {
    repo: sample.dir,
    entryStages: ['deploy-staging'],
    staging: { suite: 'true' },
    backoff: { base: '50ms', max: '100ms' },
    ...project,
  };
  const file = join(sample.root, 'stagegate.yml');
  writeFileSync(file, JSON.stringify({ projects: { web } }));
  env = { STAGEGATE_STATE_DIR: stateDir, STAGEGATE_PROJECTS: file, STAGEGATE_PORT: '0', STAGEGATE_LOG_LEVEL: 'error' };
  service = await startService(env);
}

async function submit(id: string, branch: string): Promise<void> {
  const args = ['submit', branch, '--project', 'web', '--id', id, '--start-stage', 'deploy-staging'];
  expect(await session.run(args, env)).toMatchObject({ code: 0 });
}

interface Seen {
  readonly entry: { readonly stage: string; readonly status: string };
}

async function until(id: string, isThere: (seen: Seen) => boolean): Promise<void> {
  for (;;) {
    if (isThere(lastJson(await session.run(['show', `web.${id}`, '--json'], env)) as Seen)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const isDone = ({ entry }: Seen) => entry.stage === 'done';
const isHeld = ({ entry }: Seen) => entry.status === 'held';
const isBack = ({ entry }: Seen) => entry.stage === 'development';

async function runsOf(id: string): Promise<readonly string[]> {
  const { items } = lastJson(await session.run(['runs', `web.${id}`, '--json'], env)) as {
    items: readonly { job: string; outcome: string }[];
  };
  return items.map(({ job, outcome }) => `${job} ${outcome}`).reverse();
}

async function why(id: string): Promise<string> {
  return (await session.run(['why', `web.${id}`], env)).stdout;
}

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
    await up({ security: security(), agents: { developer: { command: DEVELOPER.replace('$BRIEF_COPY', copy) } } });
    await submit('T1', 'feature');
    await until('T1', isDone);
    expect(await runsOf('T1')).toEqual([
      'staging-suite passed',
      'merge-gate retest-skipped',
      'security-scan evidence',
      'agent:developer agent-done',
      'staging-suite passed',
      'merge-gate retest-skipped',
      'security-scan evidence',
      'landing landed',
    ]);
    expect(readFileSync(copy, 'utf8')).toContain('`a.txt:2`: error, rule `no-eval` of `scan`');
    expect(readFileSync(copy, 'utf8')).toContain('as grave, and on main as well: 1');
    // Main is scanned once for both: what was found out about its commit is known the second time.
    expect(count()).toBe(3);
    const queue = lastJson(await session.run(['queue', '--json'], env));
    expect(queue).toMatchObject({ security_gate: { running: 0, passed: 1, failed: 1, toolErrors: 0 } });

    // Main is where T1 has landed by now, and its report was made before that.
    sample.commit('second', { 'b.txt': 'clean\n' }, 'main');
    await submit('T2', 'second');
    await until('T2', isDone);
    expect(count()).toBe(4);
  });

  test('says in a line what was found, and passes by a recorded override alone', async () => {
    sample.commit('feature', { 'a.txt': 'eval(2)\n' }, 'main');
    await up({ security: security(), requiredGates: ['check_security'] });
    await submit('T1', 'feature');
    await until('T1', isBack);
    expect(await why('T1')).toMatch(/the scan found what the change must not bring in/);
    expect(await why('T1')).toMatch(/error no-eval a.txt:1: eval is evil/);
    expect(await why('T1')).toContain('stagegate override web.T1 check_security');
    const override = ['override', 'web.T1', 'check_security', '--reason', 'looked at it'];
    expect(await session.run(override, env)).toMatchObject({ code: 0 });
    await until('T1', isDone);
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
    await up({ security: { command, report: 'report.sarif' }, budgets: { infra: 1 } });
    await submit('T1', 'feature');
    await until('T1', isHeld);
    const told = lastJson(await session.run(['why', 'web.T1', '--json'], env));
    expect(told).toMatchObject({ stage: 'deploy-staging', code: 'held:infra-exhausted', failure: { reason } });
    expect(await why('T1')).toMatch(words);
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
    await up({ coverage: { ...coverage, tolerance: 0 }, agents: { developer: { command: developer } } });
    await submit('T1', 'feature');
    await until('T1', isDone);
    expect(await runsOf('T1')).toEqual([
      'staging-suite passed',
      'merge-gate retest-skipped',
      'coverage-run evidence',
      'agent:developer agent-done',
      'staging-suite passed',
      'merge-gate retest-skipped',
      'coverage-run evidence',
      'landing landed',
    ]);
    const brief = readFileSync(copy, 'utf8');
    expect(brief).toMatch(/changed lines: 33\.3 % \(2 of 6\), at least 80\.0 % asked/);
    expect(brief).toMatch(/main: 66\.6 % of all lines \(8 of 12\), main has 100\.0 % \(6 of 6\)/);
    expect(brief).toContain('`src/price.js`: 8-11');
    const queue = lastJson(await session.run(['queue', '--json'], env));
    expect(queue).toMatchObject({ coverage_gate: { running: 0, passed: 1, failed: 1, toolErrors: 0 } });
    expect(sample.git(['show', 'main:src/price.js'], sample.dir)).toBe(DISCOUNT.trim());
  });

  test('a person lets the lines of a file pass on record, and the task says which those are', async () => {
    sample.commit('main', { 'src/price.js': PRICE, 'test/price.test.js': testOf(...OF_PRICE) });
    sample.commit('feature', { 'src/price.js': DISCOUNT }, 'main');
    await up({ coverage: { ...coverage, tolerance: 'off' }, requiredGates: ['check_coverage'] });
    await submit('T1', 'feature');
    await until('T1', isBack);
    expect(await why('T1')).toMatch(/too little of the code is covered by tests/);
    expect(await why('T1')).toMatch(/src\/price\.js: not covered: 8-11/);
    const override = (path: string) => ['override', 'web.T1', 'check_coverage', '--reason', 'seen', '--path', path];
    expect(await session.run(override('src'), env)).toMatchObject({ code: 0 });
    await until('T1', isDone);
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
      await up({ coverage: { ...coverage, ...more }, budgets: { infra: 1 } });
      await submit('T1', 'feature');
      await until('T1', isHeld);
      const told = lastJson(await session.run(['why', 'web.T1', '--json'], env));
      expect(told).toMatchObject({ stage: 'deploy-staging', code: 'held:infra-exhausted', failure: { reason } });
      expect(await why('T1')).toMatch(words);
    },
  );
});
