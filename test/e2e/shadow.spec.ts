import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastJson, startService, type Environment, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

interface Shown {
  readonly entry: { readonly stage: string; readonly counters: object };
  readonly events: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[];
}

const session = new CliSession();
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(() => session.close());

/** A service in which a deployer has staging, and the suite runs beside it. */
class Site {
  readonly sample = new SampleRepository();
  readonly stateDir = mkdtempSync(join(tmpdir(), 'stagegate-shadow-'));
  private env: Environment = {};
  private service: RunningService | null = null;

  constructor() {
    this.sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
    stops.push(() => this.dispose());
  }

  /** A file that suites and agents say something in, or wait for. */
  place(name: string): string {
    return join(this.stateDir, name);
  }

  async up({ suite, agent, staging = {} }: { suite: string; agent: string; staging?: object }): Promise<void> {
    const web = {
      repo: this.sample.dir,
      entryStages: ['deploy-staging'],
      staging: { suite, timeout: '60s', grace: '1s', shadow: true, ...staging },
      retest: { setup: 'true', suite: 'true' },
      backoff: { base: '100ms', max: '200ms' },
      agents: { deployer: { command: agent } },
      switches: { stagingRunner: false },
    };
    const file = join(this.sample.root, 'stagegate.yml');
    writeFileSync(file, JSON.stringify({ projects: { web } }));
    this.env = {
      STAGEGATE_STATE_DIR: this.stateDir,
      STAGEGATE_PROJECTS: file,
      STAGEGATE_PORT: '0',
      STAGEGATE_LOG_LEVEL: 'error',
    };
    await this.start();
  }

  async start(): Promise<void> {
    this.service = await startService(this.env);
  }

  async stop(): Promise<void> {
    await this.service?.stop();
    this.service = null;
  }

  run(...args: string[]) {
    return session.run(args, this.env);
  }

  async submit(): Promise<void> {
    const args = ['submit', 'feature', '--project', 'web', '--id', 'T1', '--start-stage', 'deploy-staging'];
    expect(await this.run(...args)).toMatchObject({ code: 0 });
  }

  async until(isThere: (shown: Shown) => boolean): Promise<Shown> {
    for (;;) {
      const shown = lastJson(await this.run('show', 'web.T1', '--json')) as Shown;
      if (isThere(shown)) return shown;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private async dispose(): Promise<void> {
    await this.stop();
    this.sample.dispose();
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}

const says = (status: string) =>
  `printf -- "---\\nstaging_status: ${status}\\n---\\n" > "$STAGEGATE_ARTIFACT_DIR/15-staging-log.md"`;
const waitsFor = (path: string) => `while [ ! -e '${path}' ]; do sleep 0.05; done`;
const tells = (path: string) => `touch '${path}'`;

const typesOf = ({ events }: Shown) => events.map(({ type }) => type);
const shadowsOf = ({ events }: Shown) => events.filter(({ type }) => type === 'ShadowSuiteFinished');
const isDone = ({ entry }: Shown) => entry.stage === 'done';

async function untilThere(path: string): Promise<void> {
  while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Of a command that names a file: no process of it is left. Numbers of processes are others within an isolated run. */
async function untilGone(path: string): Promise<void> {
  const isThere = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(path);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  };
  while (readdirSync('/proc').some((name) => /^\d+$/.test(name) && isThere(name)))
    await new Promise((resolve) => setTimeout(resolve, 20));
}

test('the agent says SUCCESS and the suite is red: the word of the agent decides, and the other one stands beside it', async () => {
  const site = new Site();
  const seen = site.place('suite-ran');
  // The agent is the slower one.
  await site.up({ suite: `touch '${seen}'; exit 3`, agent: `${waitsFor(seen)}; ${says('SUCCESS')}` });
  await site.submit();
  const shown = await site.until((each) => isDone(each) && shadowsOf(each).length > 0);
  const [shadow] = shadowsOf(shown);
  const [claimed] = shown.events.filter(({ type }) => type === 'TransitionClaimed');
  expect(shadow?.data).toMatchObject({
    stage: 'deploy-staging',
    status: 'FAILED',
    headOid: claimed?.data['headOid'],
    runId: `${String(claimed?.data['runId'])}-shadow`,
    run: { exitCode: 3 },
    failure: null,
  });
  const verdicts = shown.events.filter(({ type }) => type === 'VerdictRecorded');
  expect(verdicts.map(({ data }) => data)).toMatchObject([{ producer: 'deployer', status: 'SUCCESS', passed: true }]);
  expect(typesOf(shown)).not.toContain('StagingSuiteExecuted');
  expect(typesOf(shown)).not.toContain('AlertRaised');
  const { stdout } = await site.run('determinization', '--project', 'web');
  const [agent, suite] = [String(claimed?.data['runId']), `${String(claimed?.data['runId'])}-shadow`];
  expect(stdout).toMatch(/\ndeploy-staging: the deployer, and the suite beside it\n/);
  expect(stdout).toContain('agreed in 0 of 1 (0 %)\n');
  expect(stdout).toContain(`disagree web.T1: agent passed (${agent}), suite failed (${suite})\n`);
  expect(stdout).toContain('no cost recorded');
  expect(await site.run('determinization', '--project', 'wbe')).toMatchObject({
    code: 2,
    stderr: 'stagegate: project: expected one of web, saw "wbe"\n',
  });
});

test('the agent does not wait for a slower suite: the task has landed before it, and what it says is recorded all the same', async () => {
  const site = new Site();
  const go = site.place('go');
  await site.up({ suite: waitsFor(go), agent: says('SUCCESS') });
  await site.submit();
  expect(shadowsOf(await site.until(isDone))).toEqual([]);
  writeFileSync(go, '');
  const [shadow] = shadowsOf(await site.until((each) => shadowsOf(each).length > 0));
  expect(shadow?.data).toMatchObject({ status: 'SUCCESS', run: { exitCode: 0 } });
  const { stdout } = await site.run('determinization', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ shadows: [{ compared: 1, agreed: 1, disagreements: [] }] });
});

test.each<readonly [string, string, object, object]>([
  [
    'takes too long',
    'sleep 60',
    { timeout: '300ms' },
    { reason: expect.stringMatching(/^timeout/) as string, step: 'suite' },
  ],
  ['is not to be had', 'no-such-program-anywhere', {}, { reason: 'command_not_found', step: 'suite' }],
  ['cannot be set up', 'true', { setup: 'exit 5' }, { reason: 'setup_failed', step: 'setup' }],
])('a suite that %s was not executed: told once, and nothing else follows', async (_what, suite, staging, failure) => {
  const site = new Site();
  await site.up({ suite, staging, agent: says('SUCCESS') });
  await site.submit();
  const shown = await site.until((each) => isDone(each) && shadowsOf(each).length > 0);
  expect(shadowsOf(shown)).toMatchObject([{ data: { status: null, failure } }]);
  for (const type of ['ToolErrored', 'RunDeferred', 'AlertRaised', 'TaskHeld'])
    expect(typesOf(shown)).not.toContain(type);
});

test('cancelling the task ends the agent and what runs beside it', async () => {
  const site = new Site();
  const [suite, agent] = [site.place('suite-ran'), site.place('agent-ran')];
  await site.up({ suite: `${tells(suite)}; sleep 300`, agent: `${tells(agent)}; sleep 300` });
  await site.submit();
  await Promise.all([untilThere(suite), untilThere(agent)]);
  expect(await site.run('cancel', 'web.T1', '--reason', 'not needed')).toMatchObject({ code: 0 });
  for (const file of [suite, agent]) await untilGone(file);
  const shown = await site.until(({ entry }) => entry.stage === 'cancelled');
  expect(shadowsOf(shown)).toEqual([]);
});

test('a service that stops ends both; the next one runs both again', async () => {
  const site = new Site();
  const [suite, agent, go] = [site.place('suite-ran'), site.place('agent-ran'), site.place('go')];
  await site.up({
    suite: `${tells(suite)}; ${waitsFor(go)}`,
    agent: `${tells(agent)}; ${waitsFor(go)}; ${says('SUCCESS')}`,
  });
  await site.submit();
  await Promise.all([untilThere(suite), untilThere(agent)]);
  await site.stop();
  for (const file of [suite, agent]) {
    await untilGone(file);
    rmSync(file);
  }
  await site.start();
  await Promise.all([untilThere(suite), untilThere(agent)]);
  writeFileSync(go, '');
  const shown = await site.until((each) => isDone(each) && shadowsOf(each).length > 0);
  expect(shadowsOf(shown)).toMatchObject([{ data: { status: 'SUCCESS' } }]);
});
