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
