import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readVerdict } from '../../src/domain/staging/front-matter';
import { lastJson, startService, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

/** Adds what the suite looks for, once it is asked to. */
const DEVELOPER = [
  'echo tested > tested.txt && git add tested.txt',
  'git -c user.name=d -c user.email=d@e.f commit -qm tests',
  'git push -q origin HEAD',
].join(' && ');
const TESTER = 'printf -- "---\\ntest_status: PASSED\\n---\\n" > "$STAGEGATE_ARTIFACT_DIR/13-test-report.md"';

const session = new CliSession();
let sample: SampleRepository;
let env: Record<string, string>;
let service: RunningService | null = null;
beforeEach(() => {
  sample = new SampleRepository();
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
});
afterEach(async () => {
  await service?.stop();
  service = null;
  rmSync(env['STAGEGATE_STATE_DIR'] ?? '', { recursive: true, force: true });
  sample.dispose();
});
afterAll(() => session.close());

async function up(project: object): Promise<void> {
  const web = {
    repo: sample.dir,
    entryStages: ['testing'],
    staging: { suite: 'true' },
    backoff: { base: '50ms', max: '100ms' },
    ...project,
  };
  const file = join(sample.root, 'stagegate.yml');
  writeFileSync(file, JSON.stringify({ projects: { web } }));
  const stateDir = mkdtempSync(join(tmpdir(), 'stagegate-testing-'));
  env = { STAGEGATE_STATE_DIR: stateDir, STAGEGATE_PROJECTS: file, STAGEGATE_PORT: '0', STAGEGATE_LOG_LEVEL: 'error' };
  service = await startService(env);
  const submit = ['submit', 'feature', '--project', 'web', '--id', 'T1', '--start-stage', 'testing'];
  expect(await session.run(submit, env)).toMatchObject({ code: 0 });
}

interface Seen {
  readonly entry: { readonly stage: string; readonly status: string };
}

async function until(isThere: (seen: Seen) => boolean): Promise<void> {
  for (;;) {
    if (isThere(lastJson(await session.run(['show', 'web.T1', '--json'], env)) as Seen)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const isDone = ({ entry }: Seen) => entry.stage === 'done';
const isHeld = ({ entry }: Seen) => entry.status === 'held';

async function runsOf(): Promise<readonly string[]> {
  const { items } = lastJson(await session.run(['runs', 'web.T1', '--json'], env)) as {
    items: readonly { job: string; outcome: string }[];
  };
  return items.map(({ job, outcome }) => `${job} ${outcome}`).reverse();
}

/** It is rendered after the append that tells of it. */
async function report(): Promise<Uint8Array> {
  const path = join(env['STAGEGATE_STATE_DIR'] ?? '', 'artifacts/web/T1/13-test-report.md');
  while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 50));
  return readFileSync(path);
}

test('a red suite sends the change back, and what the developer pushes is tested again before it lands', async () => {
  await up({ testing: { suite: 'echo looking; test -f tested.txt' }, agents: { developer: { command: DEVELOPER } } });
  await until(isDone);
  expect(await runsOf()).toEqual([
    'testing-suite failed',
    'agent:developer agent-done',
    'testing-suite passed',
    'staging-suite passed',
    'merge-gate retest-skipped',
    'landing landed',
  ]);
  expect(readVerdict('testing', 'runner', await report())).toEqual({ kind: 'ok', status: 'PASSED' });
  expect(Buffer.from(await report()).toString()).toContain('    looking');
  const queue = lastJson(await session.run(['queue', '--json'], env));
  expect(queue).toMatchObject({ test_runner: { running: 0, executed: 2, succeeded: 1, failed: 1, toolErrors: 0 } });
});

test('a suite that is not there holds the task: nothing is learned about the change', async () => {
  await up({ testing: { suite: ['no-such-program'] }, budgets: { infra: 1 } });
  await until(isHeld);
  expect(await runsOf()).toEqual(['testing-suite tool-error']);
  const why = lastJson(await session.run(['why', 'web.T1', '--json'], env));
  expect(why).toMatchObject({
    stage: 'testing',
    code: 'held:infra-exhausted',
    failure: { program: 'no-such-program' },
  });
  expect(readVerdict('testing', 'runner', await report())).toEqual({ kind: 'ok', status: 'FAILED' });
});

test('where it is switched off the tester tests', async () => {
  const testing = { suite: 'false' };
  await up({ testing, switches: { testRunner: false }, agents: { tester: { command: TESTER } } });
  await until(isDone);
  expect((await runsOf())[0]).toBe('agent:tester passed');
  expect(readVerdict('testing', 'agent', await report())).toEqual({ kind: 'ok', status: 'PASSED' });
});
