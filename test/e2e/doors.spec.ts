import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { lastJson, startService, environment, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(180_000);

const CLI = resolve(__dirname, '../../dist/cli.js');

interface Shown {
  readonly entry: { readonly stage: string };
  readonly state: { readonly description: string | null };
  readonly events: readonly { readonly type: string; readonly actor: string; readonly data: Record<string, unknown> }[];
}

const session = new CliSession();
const sample = new SampleRepository();
sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
const root = mkdtempSync(join(tmpdir(), 'stagegate-doors-'));
const file = join(root, 'stagegate.yml');
const staging = { suite: 'true', minIsolation: 'none' };
const LATIN_1 = join(root, 'latin-1.txt');
writeFileSync(LATIN_1, Buffer.from('\xfcber', 'latin1'));
const NOT_AN_ENTRY = 'deploy-staging is not an entry stage of web (allowed: created)';

function configure(entryStages: readonly string[]): void {
  writeFileSync(file, JSON.stringify({ version: 1, projects: { web: { repo: sample.dir, entryStages, staging } } }));
}

afterAll(async () => {
  sample.dispose();
  await session.close();
  rmSync(root, { recursive: true, force: true });
});

describe.each(['a running service', 'the store itself'] as const)('the command line on %s', (door) => {
  const isServed = door === 'a running service';
  const env = {
    STAGEGATE_STATE_DIR: join(root, isServed ? 'served' : 'direct'),
    STAGEGATE_PROJECTS: file,
    STAGEGATE_PORT: '0',
    STAGEGATE_LOG_LEVEL: 'error',
  };
  let service: RunningService | null = null;

  beforeAll(async () => {
    configure(['created']);
    if (!isServed) return;
    service = await startService(env);
  });
  afterAll(async () => {
    await service?.stop();
  });

  const run = (...args: string[]) => session.run([...args, '--json'], env);
  const submit = (...args: string[]) => run('submit', 'feature', '--project', 'web', ...args);
  const show = async (id: string) => lastJson(await run('show', id)) as Shown;

  it('what a project does not take is told, and recorded as rejected with who asked', async () => {
    for (const attempt of ['first', 'again']) {
      const told = await submit('--id', 'R1', '--start-stage', 'deploy-staging');
      expect([attempt, told.code, told.stderr]).toEqual([attempt, 2, expect.stringContaining(NOT_AN_ENTRY)]);
    }
    const { entry, events } = await show('web.R1');
    expect(entry.stage).toBe('rejected');
    expect(events.map(({ type }) => type)).toEqual(['TaskSubmitted', 'GateEvaluated', 'TaskRejected']);
    const who = isServed ? 'local' : userInfo().username;
    expect(events[0]).toMatchObject({ actor: who, data: { submittedBy: who } });
    const other = await submit('--id', 'R1');
    expect(other.stderr).toContain('task web.R1 was rejected; submit it under another id');
  });

  it('a name that was made for a rejected task is in nobody’s way', async () => {
    const id = `web.feature-${sample.head('feature')?.slice(0, 8)}`;
    expect((await submit('--start-stage', 'deploy-staging')).stderr).toContain(`${id} is recorded as rejected`);
    expect((await submit('--start-stage', 'deploy-staging')).stderr).toContain(`${id} is recorded as rejected`);
    expect(lastJson(await submit())).toMatchObject({ id: `${id}-2`, stage: 'analysis' });
  });

  it('a description comes from a flag or a file, is kept whole, and is shown', async () => {
    const text = `Sort by price, not by name.\n${'One line of many.\n'.repeat(3_000)}`;
    writeFileSync(join(root, 'goal.md'), text);
    expect((await submit('--id', 'D1', '--description-file', join(root, 'goal.md'))).code).toBe(0);
    expect((await show('web.D1')).state.description).toBe(text);
    const shown = (await session.run(['show', 'web.D1'], env)).stdout;
    expect(shown).toContain('Sort by price, not by name.');
    expect(shown).toMatch(/… \d+ more characters, all of them with --json/);
    expect((await submit('--id', 'D2', '--description', 'Short.')).code).toBe(0);
    expect((await show('web.D2')).state.description).toBe('Short.');
    const args = ['submit', 'feature', '--project', 'web', '--id', 'D3', '--description-file', '-'];
    execFileSync(process.execPath, [CLI, ...args], { env: environment(env), input: 'Über stdin.\n' });
    expect((await show('web.D3')).state.description).toBe('Über stdin.\n');
  });

  it.each([
    [
      ['--description', 'a', '--description-file', 'b'],
      /expected one of --description and --description-file, saw both/,
    ],
    [['--description-file', '/no/such'], /--description-file: expected a file, saw none in "\/no\/such": ENOENT/],
    [['--description-file', '/dev/zero'], /expected 1 to 65536 bytes of UTF-8, .* saw more in "\/dev\/zero"/],
    [['--description-file', LATIN_1], /saw bytes that are no UTF-8 in/],
    [['--description', ''], /description: expected 1 to 65536 bytes of UTF-8/],
    [['--description', 'x'.repeat(65_537)], /description: expected 1 to 65536 bytes of UTF-8/],
  ] as const)('a description that does not fit is refused in a line: %#', async (args, line) => {
    const told = await submit(...args);
    expect([told.code, told.stderr]).toEqual([2, expect.stringMatching(line)]);
  });

  it.each([
    [['nowhere', '--project', 'web'], /branch: expected a branch of .*, saw no nowhere/],
    [['$(id)', '--project', 'web'], /branch: expected a plain name/],
    [['feature', '--project', 'api'], /project: expected one of web, saw "api"/],
    [['feature', '--project', 'web', '--id', '-'], /id: expected letters, digits, _ and -/],
    [['feature', '--project', 'web', '--start-stage', 'x'], /startStage: expected a stage of the pipeline/],
    [['feature', '--project', 'web', '--title', ''], /title: expected 1 to 200 characters/],
    [['feature', '--project', 'web', '--title', 'x'.repeat(201)], /title: expected 1 to 200 characters/],
    [['x'.repeat(201), '--project', 'web'], /branch: expected a plain name/],
    [
      ['feature', '--project', 'web', '--depends-on', 'web.none'],
      /dependsOn: expected tasks that exist, saw "web.none"/,
    ],
    [['feature', '--project', 'web', '--depends-on', 'D1'], /dependsOn: expected at most 20 tasks as <project>/],
    [['feature', '--project', 'web', '--by', 'ann'], /unknown option '--by'/],
  ] as const)('what is no task at all is refused in a line, and leaves nothing behind: %j', async (args, line) => {
    const told = await run('submit', ...args);
    expect([told.code, told.stderr]).toEqual([2, expect.stringMatching(line)]);
    const { finished } = lastJson(await run('queue')) as { finished: object };
    expect(finished).toMatchObject({ rejected: 2 });
  });

  it.each(['', 'x'.repeat(501)])(
    'a reason that does not fit is refused, and the task is left as it is',
    async (reason) => {
      const before = await show('web.R1');
      const told = await run('hold', 'web.R1', '--reason', reason);
      expect([told.code, told.stderr]).toEqual([2, expect.stringMatching(/reason: expected 1 to 500 characters/)]);
      expect((await show('web.R1')).events).toEqual(before.events);
    },
  );

  it('a task that has to land first is named, and the same submission again is the same task', async () => {
    const args = ['--id', 'N2', '--depends-on', 'web.D1', '--depends-on', 'web.D2'] as const;
    const first = lastJson(await submit(...args));
    expect(first).toMatchObject({ id: 'web.N2' });
    expect(lastJson(await submit(...args))).toEqual(first);
    const { state } = lastJson(await run('show', 'web.N2')) as { state: object };
    expect(state).toMatchObject({
      dependsOn: [
        { taskId: 'web.D1', end: null },
        { taskId: 'web.D2', end: null },
      ],
    });
    const other = await submit('--id', 'N2', '--depends-on', 'web.D1');
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/exists, for branch feature/)]);
  });

  it('a priority is changed, and who changed it is recorded', async () => {
    const { id } = lastJson(await submit('--id', 'P1')) as { id: string };
    for (const attempt of ['first', 'again']) {
      const told = lastJson(await run('priority', id, '7'));
      expect([attempt, told]).toEqual([attempt, expect.objectContaining({ id, isQueued: false })]);
    }
    const { entry, events } = await show(id);
    expect(entry).toMatchObject({ priority: 7 });
    const by = isServed ? 'local' : userInfo().username;
    const changes = events.filter(({ type }) => type === 'PriorityChanged');
    expect(changes).toEqual([expect.objectContaining({ actor: by, data: { from: 5, to: 7, by } })]);
  });

  it.each([
    [['web.P1', 'soon'], /number: expected a whole number from 0 to 9, saw "soon"/],
    [['web.P1', '10'], /number: expected a whole number from 0 to 9, saw "10"/],
    [['web.P1', ''], /number: expected a whole number from 0 to 9, saw ""/],
    [['web.P1'], /missing required argument 'number'/],
    [['web.R1', '7'], /web.R1: the task is rejected; nothing follows that/],
    [['web.none', '7'], /web.none: no such task/],
    [['api.P1', '7'], /project: expected one of web, saw "api"/],
  ] as const)('a priority that cannot be given is refused in a line: %j', async (args, line) => {
    const told = await run('priority', ...args);
    expect([told.code, told.stderr]).toEqual([2, expect.stringMatching(line)]);
  });

  it('a gate is let pass on record, once, and shown from then on', async () => {
    const { id } = lastJson(await submit('--id', 'O1')) as { id: string };
    const by = isServed ? 'local' : userInfo().username;
    const override = () => run('override', id, 'check_analysis_ready', '--reason', 'written elsewhere');
    const first = lastJson(await override());
    expect(first).toMatchObject({ id, stage: 'architecture', isQueued: false });
    expect(lastJson(await override())).toEqual(first);
    const { events, state } = lastJson(await run('show', id)) as Shown & { state: object };
    const kept = { gate: 'check_analysis_ready', by, reason: 'written elsewhere', headOid: null, paths: null };
    expect(state).toMatchObject({ overrides: [kept], gatesOverridden: ['check_analysis_ready'] });
    const types = events.map(({ type }) => type).slice(-3);
    expect(types).toEqual(['GateOverridden', 'GateEvaluated', 'StageAdvanced']);
    const { stdout } = await session.run(['show', id], env);
    expect(stdout).toMatch(new RegExp(`override +check_analysis_ready until \\S+, by ${by}: written elsewhere`));
  });

  it.each([
    [['web.O1', 'check_everything', '--reason', 'x'], /gate: expected one of intake, .*, saw "check_everything"/],
    [['web.O1', 'intake', '--reason', 'x'], /intake cannot be overridden: what it rejects is final/],
    [
      ['web.O1', 'check_branch_mergeable', '--reason', 'x'],
      /check_branch_mergeable makes the candidate and can be overridden only/,
    ],
    [['web.O1', 'check_security'], /required option '--reason <text>' not specified/],
    [['web.O1', 'check_security', '--reason', ''], /reason: expected 1 to 500 characters/],
    [['web.O1', 'check_security', '--reason', 'x', '--expires', '7'], /--expires: expected a time such as 12h or 7d/],
    [['web.O1', 'check_security', '--reason', 'x', '--expires', '367d'], /expected a time to come, at most 366 days/],
    [['web.O1', 'check_security', '--reason', 'x', '--expires', '2020-01-01T00:00Z'], /expected a time to come/],
    [['web.O1', 'check_security', '--reason', 'x', '--path', 'a'], /unknown option '--path'/],
    [['web.none', 'check_security', '--reason', 'x'], /web.none: no such task/],
    [['web.R1', 'check_security', '--reason', 'x'], /the task is rejected; nothing follows that/],
  ] as const)('an override that cannot be is refused in a line, and leaves nothing behind: %j', async (args, line) => {
    const before = await show('web.O1');
    const told = await run('override', ...args);
    expect([told.code, told.stderr]).toEqual([2, expect.stringMatching(line)]);
    expect((await show('web.O1')).events).toEqual(before.events);
  });

  it('paths are let pass on record, and shown with their time, used or not', async () => {
    const args = [
      'web.O1',
      'check_security',
      '--path',
      'old/',
      '--path',
      'a.js',
      '--expires',
      '12h',
      '--reason',
      'SEC-1',
    ];
    expect(lastJson(await run('waive', ...args))).toMatchObject({ id: 'web.O1', isQueued: false });
    const { stdout } = await session.run(['show', 'web.O1'], env);
    expect(stdout).toMatch(/waiver +check_security in old\/, a\.js at \S+ until \S+, by \S+, not used: SEC-1/);
    const { stdout: exported } = await session.run(['audit', 'export'], env);
    expect(exported).toMatch(/"paths":\["old\/","a\.js"\]/);
  });

  it.each([
    [['web.O1', 'check_tests_passed', '--reason', 'x', '--path', 'src'], /check_tests_passed does not judge by paths/],
    [['web.O1', 'check_security', '--reason', 'x', '--path', ''], /paths: expected 1 to 50 files or folders/],
    [['web.O1', 'check_security', '--reason', 'x', '--path', 'src/*.ts'], /within the repository .*no patterns/],
    [
      ['web.O1', 'check_security', '--reason', 'x'],
      /check_security has named no paths of feature: name those to waive, or override/,
    ],
    [['web.O1', 'check_security', '--path', 'a'], /required option '--reason <text>' not specified/],
    [
      ['web.O1', 'check_security', '--reason', 'x', '--path', 'a', '--expires', '7'],
      /--expires: expected a time such as 12h/,
    ],
    [['web.O1', 'check_security', '--reason', 'x', '--path', 'a', '--expires', '367d'], /at most 366 days/],
    [['web.O1', 'check_branch_mergeable', '--reason', 'x'], /check_branch_mergeable makes the candidate and can/],
    [['web.O1', 'check_everything', '--reason', 'x'], /gate: expected one of intake/],
    [['web.none', 'check_security', '--reason', 'x', '--path', 'a'], /web.none: no such task/],
  ] as const)('a waiver that cannot be is refused in a line, and leaves nothing behind: %j', async (args, line) => {
    const before = await show('web.O1');
    const told = await run('waive', ...args);
    expect([told.code, told.stderr]).toEqual([2, expect.stringMatching(line)]);
    expect((await show('web.O1')).events).toEqual(before.events);
  });

  it('CI says how a check went, with a file, once for each result; it is shown', async () => {
    const report = join(root, 'junit.xml');
    writeFileSync(report, '<testsuite tests="3"/>');
    const head = sample.head('feature') ?? '';
    const bring = (result: string, ...args: string[]) =>
      run('evidence', 'web.O1', '--name', 'build', '--result', result, ...args);
    const first = lastJson(await bring('success', '--head', head, '--url', 'https://ci.example/1', '--file', report));
    expect(first).toMatchObject({ id: 'web.O1', stage: 'architecture' });
    const again = await bring('success', '--head', head, '--url', 'https://ci.example/1', '--file', report);
    expect(lastJson(again)).toEqual(first);
    expect(lastJson(await bring('failure'))).not.toEqual(first);
    const { state } = lastJson(await run('show', 'web.O1')) as Shown & { state: object };
    const data = { checks: { build: { result: 'failure', url: null, files: [] } } };
    expect(state).toMatchObject({ evidence: { check_ci_green: { subjectOid: head, data } } });
    const { stdout } = await session.run(['show', 'web.O1'], env);
    expect(stdout).toMatch(/evidence +build: failure at [0-9a-f]{10}, for check_ci_green, says /);
    expect(stdout).toMatch(/ says build: success at [0-9a-f]{10}, for check_ci_green/);
  });

  it.each([
    [['web.O1', '--name', 'build'], /required option '--result <result>' not specified/],
    [['web.O1', '--name', 'build', '--result', 'green'], /result: expected one of success/],
    [['web.O1', '--name', '\u001b[31m', '--result', 'success'], /name: expected 1 to 100 characters/],
    [
      ['web.O1', '--name', 'b', '--result', 'success', '--head', 'f'.repeat(40)],
      /about f{40}, and gates judge [0-9a-f]{40}/,
    ],
    [['web.O1', '--name', 'b', '--result', 'success', '--gate', 'check_security'], /takes no evidence from outside/],
    [['web.O1', '--name', 'b', '--result', 'success', '--file', '/nowhere/x'], /--file: expected a file, saw none/],
    [['web.O1', '--name', 'b', '--result', 'success', '--url', 'https://a:b@c/'], /url: expected .*not shown/],
    [['web.none', '--name', 'b', '--result', 'success'], /web.none: no such task/],
    [['web.R1', '--name', 'b', '--result', 'success'], /the task is rejected; nothing follows that/],
  ] as const)('evidence that cannot be is refused in a line, and leaves nothing behind: %j', async (args, line) => {
    const before = await show('web.O1');
    const told = await run('evidence', ...args);
    expect([told.code, told.stderr]).toEqual([2, expect.stringMatching(line)]);
    expect((await show('web.O1')).events).toEqual(before.events);
  });
});
