import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RESERVED_PRODUCERS } from '../../src/domain/task/pipeline';
import { lastJson, startService, type RunningService, type Environment } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

/** Whoever the transport starts says so, by its role and its process. */
const agent = (seen: string, file: string, verdict: string) =>
  `echo "$STAGEGATE_ROLE $$" >> '${seen}'; printf -- "---\\n${verdict}\\n---\\n" > "$STAGEGATE_ARTIFACT_DIR/${file}"`;

interface Shown {
  readonly entry: { readonly stage: string };
  readonly events: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[];
}

const session = new CliSession();
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(() => session.close());

/** A service whose project has agents for both stages that have a runner. */
class Site {
  readonly sample = new SampleRepository();
  readonly stateDir = mkdtempSync(join(tmpdir(), 'stagegate-interception-'));
  readonly seen = join(this.stateDir, 'agents-seen');
  private env: Environment = {};
  private service: RunningService | null = null;

  constructor() {
    this.sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
    stops.push(() => this.stop());
  }

  async up(project: object = {}, environment: Environment = {}): Promise<void> {
    const file = join(this.sample.root, 'stagegate.yml');
    const web = {
      repo: this.sample.dir,
      entryStages: ['testing'],
      testing: { suite: 'true', timeout: '61s', grace: '3s' },
      staging: { suite: 'true', timeout: '62s', grace: '4s' },
      budgets: { infra: 9 },
      backoff: { base: '100ms', max: '200ms' },
      agents: {
        tester: { command: agent(this.seen, '13-test-report.md', 'test_status: PASSED') },
        deployer: { command: agent(this.seen, '15-staging-log.md', 'staging_status: SUCCESS') },
      },
      ...project,
    };
    // Of another project nothing is asked; it is there to be in scope.
    const api = { repo: this.sample.dir, staging: { suite: 'true' } };
    writeFileSync(file, JSON.stringify({ projects: { web, api } }));
    this.env = {
      STAGEGATE_STATE_DIR: this.stateDir,
      STAGEGATE_PROJECTS: file,
      STAGEGATE_PORT: '0',
      STAGEGATE_LOG_LEVEL: 'error',
      ...environment,
    };
    this.service = await startService(this.env);
  }

  async submit(): Promise<void> {
    const args = ['submit', 'feature', '--project', 'web', '--id', 'T1', '--start-stage', 'testing'];
    expect(await session.run(args, this.env)).toMatchObject({ code: 0 });
  }

  async until(isThere: (shown: Shown) => boolean): Promise<Shown> {
    for (;;) {
      const shown = lastJson(await session.run(['show', 'web.T1', '--json'], this.env)) as Shown;
      if (isThere(shown)) return shown;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** To its end. @returns who produced each verdict, and whom the transport started. */
  async landed(): Promise<{ verdicts: readonly string[]; started: readonly string[]; shown: Shown }> {
    const shown = await this.until(({ entry }) => entry.stage === 'done');
    const verdicts = shown.events
      .filter(({ type }) => type === 'VerdictRecorded')
      .map(({ data }) => `${String(data['stage'])}: ${String(data['producer'])}`);
    return { verdicts, started: this.started(), shown };
  }

  /** Roles of the processes that said that they were there. */
  started(): readonly string[] {
    if (!existsSync(this.seen)) return [];
    const lines = readFileSync(this.seen, 'utf8').trim().split('\n');
    for (const line of lines) expect(line).toMatch(/^[a-z-]+ [1-9]\d*$/);
    return lines.map((line) => line.split(' ')[0] ?? '');
  }

  async queue(): Promise<Readonly<Record<string, object>>> {
    return lastJson(await session.run(['queue', '--project', 'web', '--json'], this.env)) as Record<string, object>;
  }

  run(...args: string[]) {
    return session.run(args, this.env);
  }

  private async stop(): Promise<void> {
    await this.service?.stop();
    this.sample.dispose();
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}

const BY_RUNNERS = ['testing: test-runner', 'deploy-staging: staging-runner'];
const BY_AGENTS = ['testing: tester', 'deploy-staging: deployer'];

test('a reserved producer never reaches the transport: with agents at hand, none is started', async () => {
  const site = new Site();
  await site.up();
  await site.submit();
  const { verdicts, started } = await site.landed();
  expect({ verdicts, started }).toEqual({ verdicts: BY_RUNNERS, started: [] });
  const figures = { project: 'web', enabled: true, infraRetries: 9 };
  expect(await site.queue()).toMatchObject({
    staging_runner: {
      ...{ running: 0, executed: 1, scope: ['web'] },
      projects: [{ ...figures, timeoutMs: 62_000, graceMs: 4_000, standIn: 'deployer' }],
    },
    test_runner: {
      ...{ running: 0, executed: 1, scope: ['web'] },
      projects: [{ ...figures, timeoutMs: 61_000, graceMs: 3_000, standIn: 'tester' }],
    },
    agents: { running: 0, finished: 0 },
  });
});

test.each<readonly [string, object, Environment]>([
  ['switched off in the project file', { switches: { stagingRunner: false, testRunner: false } }, {}],
  [
    'switched off in the environment',
    {},
    { STAGEGATE_STAGING_RUNNER_ENABLED: 'false', STAGEGATE_TEST_RUNNER_ENABLED: 'false' },
  ],
  ['out of scope', {}, { STAGEGATE_STAGING_RUNNER_PROJECTS: 'api', STAGEGATE_TEST_RUNNER_PROJECTS: 'api' }],
])('a runner that is %s is answered for by the agent of its stage, a real process', async (_what, project, env) => {
  const site = new Site();
  await site.up(project, env);
  await site.submit();
  const { verdicts, started } = await site.landed();
  expect({ verdicts, started }).toEqual({ verdicts: BY_AGENTS, started: ['tester', 'deployer'] });
  for (const role of started) expect(RESERVED_PRODUCERS).not.toContain(role);
  const off = { scope: [], projects: [{ project: 'web', enabled: false }], executed: 0 };
  expect(await site.queue()).toMatchObject({ staging_runner: off, test_runner: off });
});

test('a runner that is switched off while the service runs hands over to the agent with the next task', async () => {
  const site = new Site();
  await site.up();
  const off = await site.run('switch', 'stagingRunner', 'off', '--project', 'web', '--reason', 'the suite is broken');
  expect(off.code).toBe(0);
  await site.submit();
  const { verdicts, started } = await site.landed();
  expect(verdicts).toEqual(['testing: test-runner', 'deploy-staging: deployer']);
  expect(started).toEqual(['deployer']);
  expect(await site.queue()).toMatchObject({ staging_runner: { scope: [] }, test_runner: { scope: ['web'] } });
});

test('a runner that could not be started at all is answered for by the agent, and the event says so', async () => {
  const site = new Site();
  await site.up();
  // No folder can be made for a run; nothing has been started, and nothing is known of the change.
  const work = join(site.stateDir, 'work');
  rmSync(work, { recursive: true, force: true });
  writeFileSync(work, '');
  await site.submit();
  const isReleased = ({ events }: Shown) => events.some(({ data }) => data['runnerUnavailable'] === true);
  await site.until(isReleased);
  // The agent needs such a folder too, and no rule knows what keeps it from having one: a person has to look.
  await site.until(({ events }) => events.some(({ type }) => type === 'TaskHeld'));
  rmSync(work);
  mkdirSync(work, { mode: 0o700 });
  expect(await site.run('release', 'web.T1', '--reason', 'the folder is back')).toMatchObject({ code: 0 });
  const { verdicts, started, shown } = await site.landed();
  const [released] = shown.events.filter(({ data }) => data['runnerUnavailable'] === true);
  expect(released).toMatchObject({
    type: 'ClaimReleased',
    data: { reason: expect.stringContaining('the test-runner could not be started') as string },
  });
  expect(verdicts).toEqual(['testing: tester', 'deploy-staging: staging-runner']);
  expect(started).toEqual(['tester']);
});
