import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataOf, stagegateClient, type components } from '../../src/client';
import type { LandResult } from '../../src/cli/land/land-outcome';
import type { WhyView } from '../../src/projections/queue/get-task.query';
import { lastJson, startService, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

const template = new SampleRepository();
template.commit('feature', { 'a.txt': 'a\n' }, 'main');
const session = new CliSession();
let sample: SampleRepository;
beforeEach(() => {
  sample = new SampleRepository({ like: template.root });
});
afterEach(() => {
  sample.dispose();
});
afterAll(async () => {
  template.dispose();
  await session.close();
});

/** Label and text of every line that has one. */
function labels(text: string): readonly (readonly [string, string])[] {
  return text.split('\n').flatMap((line) => {
    const [, label, rest] = /^ {0,2}([a-z]+) {2,}(\S.*)$/.exec(line) ?? [];
    return label !== undefined && rest !== undefined ? [[label, rest] as const] : [];
  });
}

const labelled = (text: string): Readonly<Record<string, string>> => Object.fromEntries(labels(text));

describe('land says', () => {
  const land = (suite: string, ...more: string[]) =>
    session.run(['land', 'feature', '--repo', sample.dir, '--suite', suite, ...more]);
  const ofRepo = (...args: string[]) => session.run([...args, '--repo', sample.dir]);

  it('which program is missing, that it was tried once, and what to do, wherever it says it', async () => {
    const { code, stdout, stderr } = await land('echo begin; no-such-program --all');
    expect(code).toBe(12);
    const said = {
      cause: 'staging-suite: the program was not found',
      class: 'tool-error (command_not_found)',
      program: 'no-such-program',
      exit: '127',
      tries: '1',
      do: expect.stringMatching(/install the program.*run the same land again/) as string,
    };
    expect(labelled(stdout)).toMatchObject(said);
    expect(stderr).toContain('staging-suite is not tried again after 1 try: command_not_found');
    expect(stderr).not.toMatch(/retries allow|too often/);
    const [task = ''] = /\S+\.feature-\w+/.exec(stdout) ?? [];
    const again = { ...said, do: expect.stringContaining(`stagegate release ${task}`) as string };
    expect(labelled((await ofRepo('why', task)).stdout)).toMatchObject(again);
    expect(labelled((await ofRepo('show', task)).stdout)).toMatchObject(again);
    const { failure, do: remedy } = JSON.parse((await ofRepo('why', task, '--json')).stdout) as WhyView;
    const facts = { job: 'staging-suite', class: 'tool-error', program: 'no-such-program', exitCode: 127, tries: 1 };
    expect(failure).toMatchObject({ ...facts, reason: 'command_not_found' });
    expect(remedy).toBe(labelled((await ofRepo('why', task)).stdout)['do']);
    expect((await ofRepo('queue')).stdout).toContain(
      'staging-suite: the program was not found (tool-error, program no-such-program, exit code 127, 1 try)',
    );
    const [artifact = ''] = /\/\S+15-staging-log\.md/.exec(stdout) ?? [];
    const text = readFileSync(artifact, 'utf8');
    for (const part of ['cause: staging-suite: the program was not found', 'program: no-such-program', 'tries: 1'])
      expect(text).toContain(part);
    expect(text).toMatch(/do: install the program/);
  });

  it('how many tries a set-up really had, and with what it ended', async () => {
    const { stdout, stderr } = await land('true', '--setup', 'exit 7', '--infra-retries', '2', '--backoff', '50ms');
    expect(labelled(stdout)).toMatchObject({ cause: 'staging-suite: the set-up failed', exit: '7', tries: '3' });
    expect(stderr).toContain('staging-suite is not tried again after 3 tries: setup_failed');
    const log = await session.run((labelled(stdout)['log'] ?? '').split(' ').slice(1));
    expect(log.code).toBe(0);
  });

  it('that the re-test was red, with its run and output, and never points at the green artifact of staging', async () => {
    sample.commit('main', { 'b.txt': 'b\n' });
    const { code, stdout, stderr } = await land('test ! -f a.txt || test ! -f b.txt || { echo both of them; exit 4; }');
    expect(code).toBe(10);
    expect(labelled(stdout)).toMatchObject({
      cause: 'merge-gate: the re-test after the rebase was red',
      class: 'red',
      exit: '4',
    });
    expect(stdout).not.toContain('15-staging-log.md');
    const log = await session.run((labelled(stdout)['log'] ?? '').split(' ').slice(1));
    expect(log).toMatchObject({ code: 0, stdout: 'both of them\n' });
    const [, run = '', first = ''] = /stagegate log ((\S+)-confirm)/.exec(stdout) ?? [];
    expect(stderr).toContain(`the re-test was red: run ${run} ended with exit code 4`);
    const runs = JSON.parse((await ofRepo('runs', '--json')).stdout) as { items: Record<string, unknown>[] };
    expect(runs.items).toContainEqual(
      // It was red twice: the job is known by its first run.
      expect.objectContaining({ runId: first, job: 'merge-gate', outcome: 'failed', exitCode: 4 }),
    );
    const json = lastJson(
      await session.run([
        'land',
        'feature',
        '--repo',
        sample.dir,
        '--suite',
        'test ! -f b.txt || test ! -f a.txt',
        '--json',
      ]),
    ) as LandResult;
    const artifacts = [expect.stringMatching(/\/15-retest-log\.md$/)];
    expect(json).toMatchObject({ outcome: 'rolled-back', stagingStatus: 'SUCCESS', artifacts });
    expect(json.why.failure).toMatchObject({ job: 'merge-gate', class: 'red', exitCode: 1 });
  });

  it('what git said, in every line that tells of the hold', async () => {
    const blob = sample.git(['rev-parse', 'main:main.txt'], sample.dir);
    rmSync(join(sample.dir, 'objects', blob.slice(0, 2), blob.slice(2)));
    const { code, stdout, stderr } = await land('true', '--infra-retries', '0');
    expect(code).toBe(12);
    const said = new RegExp(`git said no .*: git fetch in .*: .*unable to read ${blob}`);
    const [first = ''] = stdout.split('\n');
    expect(first).toMatch(said);
    expect(stderr).toMatch(new RegExp(`broke at .*GIT_FAILED.*unable to read ${blob}`));
    const [task = ''] = /\S+\.feature-\w+/.exec(stdout) ?? [];
    for (const args of [['queue'], ['why', task], ['show', task], ['runs']])
      expect((await ofRepo(...args)).stdout).toContain(`unable to read ${blob}`);
  });

  it('what is wrong with the folder of artifacts', async () => {
    const artifacts = join(sample.dir, 'stagegate', 'artifacts');
    const { code, stdout } = await land(`rm -rf '${artifacts}'; touch '${artifacts}'`, '--infra-retries', '0');
    expect(code).toBe(12);
    expect(stdout.split('\n')[0]).toMatch(/an artifact could not be read .*: cannot read .*stagegate\/artifacts/);
  });

  it('how many more files a branch conflicts with than it names', async () => {
    const names = Array.from({ length: 15 }, (_, index) => `f${index + 10}`);
    const all = (text: string) => Object.fromEntries(names.map((name) => [name, text]));
    sample.commit('feature', all('mine\n'));
    sample.commit('main', all('theirs\n'));
    const { stdout, stderr } = await land('true');
    expect(stdout).toMatch(/^conflict: .* conflicts with main in f10, f11, f12, f13, and 11 more \(conflict\)\n/);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('  seen    > and 11 more');
    expect(stderr).toContain('f20, f21, and 3 more');
    expect((await ofRepo('runs')).stdout).toContain('f20, f21, and 3 more');
  });

  it('with which files a branch conflicts, one quoted line each', async () => {
    sample.commit('feature', { 'main.txt': 'mine\n' });
    sample.commit('main', { 'main.txt': 'theirs\n' });
    const { code, stdout } = await land('true');
    expect(code).toBe(11);
    expect(labels(stdout)).toContainEqual(['cause', 'merge-gate: the branch conflicts with main']);
    expect(labels(stdout)).toContainEqual(['seen', '> main.txt']);
    expect(stdout).not.toContain('15-staging-log.md');
  });
});

describe('the service', () => {
  let stateDir: string;
  let env: Record<string, string>;
  let running: RunningService;
  let url: string;

  async function up(web: object): Promise<void> {
    stateDir = mkdtempSync(join(tmpdir(), 'stagegate-explains-'));
    const file = join(sample.root, 'stagegate.yml');
    const project = { repo: sample.dir, entryStages: ['deploy-staging'], backoff: { base: '50ms', max: '1s' }, ...web };
    writeFileSync(file, JSON.stringify({ version: 1, projects: { web: project } }));
    env = {
      STAGEGATE_STATE_DIR: stateDir,
      STAGEGATE_PROJECTS: file,
      STAGEGATE_PORT: '0',
      STAGEGATE_LOG_LEVEL: 'error',
    };
    running = await startService(env);
    ({ url } = running);
    const submit = ['submit', 'feature', '--project', 'web', '--id', 'T1', '--start-stage', 'deploy-staging'];
    expect((await session.run(submit, env)).code).toBe(0);
  }
  afterEach(async () => {
    await running.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  async function untilCode(code: string, since = ''): Promise<components['schemas']['WhyView']> {
    for (;;) {
      const path = { id: 'web.T1' };
      const why = await dataOf(stagegateClient({ url }).GET('/v1/tasks/{id}/why', { params: { path } }));
      if (why.code === code && why.since > since) return why;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('never lets a release past a required gate, and says what to do', async () => {
    const main = sample.head('main');
    await up({ staging: { suite: 'true' }, requiredGates: ['check_security'] });
    let held = await untilCode('held:gate');
    for (let round = 0; round < 3; round += 1) {
      expect(held).toMatchObject({ text: 'gate check_security is required and not configured', status: 'held' });
      expect(held.do).toMatch(/configure the gate, or take it out of `requiredGates`.*then stagegate release web\.T1/);
      expect((await session.run(['release', 'web.T1'], env)).code).toBe(0);
      held = await untilCode('held:gate', held.since);
    }
    expect(sample.head('main')).toBe(main);
    const { alerts } = await dataOf(stagegateClient({ url }).GET('/queue'));
    // Each release has closed the alert of the hold before.
    expect(alerts.open).toBe(1);
    const told = await running.saw(/"detail":"(cause  gate check_security [^"]*)"/);
    expect(labelled((told[1] ?? '').replaceAll('\\n', '\n'))).toMatchObject({
      do: expect.stringContaining('stagegate release web.T1') as string,
    });
  });

  it('asks no developer to repair what infrastructure ended, and runs the same commit again on a retry', async () => {
    const [tool, called] = [join(sample.root, 'tool'), join(sample.root, 'developer-was-called')];
    const head = sample.head('feature');
    await up({
      staging: { suite: `${tool} && test -f a.txt` },
      onInfraExhausted: 'rollback',
      agents: { developer: { command: `touch ${called}`, timeout: '10s' } },
    });
    const why = await untilCode('untested');
    expect(why).toMatchObject({ status: 'blocked', actor: 'person', stage: 'development' });
    expect(why.failure).toMatchObject({ reason: 'command_not_found', program: tool, tries: 1 });
    expect(why.do).toMatch(/install the program.*stagegate retry web\.T1, which runs the same commit again/);
    await running.saw(/Task web\.T1 was sent back by infrastructure/);
    writeFileSync(tool, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    expect((await session.run(['retry', 'web.T1'], env)).code).toBe(0);
    await untilCode('done');
    expect(sample.git(['merge-base', '--is-ancestor', head ?? '', 'main'], sample.dir)).toBe('');
    expect(existsSync(called)).toBe(false);
  });
});
