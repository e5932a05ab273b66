import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { makeProgram } from '../../src/cli/program';
import { SERVICE_KEYS } from '../../src/infrastructure/config/service-keys';
import { ALL_VERBS } from '../support/all-verbs';
import { lastJson, runCli } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { expectAsAnnounced } from '../support/demo-ends';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(240_000);

const NAMES = Object.values(SERVICE_KEYS).map(({ name }) => name);
/** It looks at the machine each time, which takes long, and has one way to read variables. */
const SOME_FOR_DOCTOR = 3;

const session = new CliSession();
let sample: SampleRepository;
let folder: string;
let env: Record<string, string>;
beforeAll(() => {
  sample = new SampleRepository();
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  folder = mkdtempSync(join(tmpdir(), 'stagegate-switches-'));
  const file = join(folder, 'stagegate.yml');
  writeFileSync(file, JSON.stringify({ projects: { web: { repo: sample.dir, staging: { suite: 'true' } } } }));
  env = { STAGEGATE_STATE_DIR: join(folder, 'state'), STAGEGATE_PROJECTS: file, STAGEGATE_PORT: '0' };
});
afterAll(async () => {
  sample.dispose();
  rmSync(folder, { recursive: true, force: true });
  await session.close();
});

test('the table of verbs is that of the program', () => {
  const leaves = makeProgram(() => undefined).commands.flatMap((verb) =>
    verb.commands.length === 0 ? [[verb.name()]] : verb.commands.map((more) => [verb.name(), more.name()]),
  );
  const named = ALL_VERBS.map(([verb = '', more = '']) =>
    ['alerts', 'audit', 'lane', 'token', 'work'].includes(verb) ? `${verb} ${more}` : verb,
  );
  expect(named.sort()).toEqual(leaves.map((names) => names.join(' ')).sort());
});

describe('every verb refuses what `up` refuses', () => {
  const cases = ALL_VERBS.flatMap((args) => {
    const withRepo = ['queue', 'why', 'rebuild', 'doctor', 'hold'].includes(args[0] ?? '')
      ? [[...args, '--repo', '.']]
      : [];
    return [args, ...withRepo].map((line) => [line.filter((arg) => arg !== '--').join(' '), line] as const);
  });
  test.each(cases)('%s', async (_, args) => {
    const isDoctor = args[0] === 'doctor';
    const line = args.map((arg) => (arg === '.' ? sample.dir : arg));
    for (const name of isDoctor ? NAMES.slice(0, SOME_FOR_DOCTOR) : NAMES) {
      const invalid = await session.run(line, { ...env, [name]: '' }, sample.work);
      const said = isDoctor ? invalid.stdout : invalid.stderr;
      expect({ name, code: invalid.code }).toEqual({ name, code: isDoctor ? 3 : 2 });
      expect(said).toMatch(new RegExp(`${isDoctor ? ' +' : '^stagegate: '}${name}: expected .*, saw nothing; .+`, 'm'));
      const misspelt = await session.run(line, { ...env, [`${name}X`]: '1' }, sample.work);
      expect(isDoctor ? misspelt.stdout : misspelt.stderr).toContain(
        `${name}X: unknown variable; did you mean ${name}? See docs/configuration.md or unset it`,
      );
      expect({ name, code: misspelt.code }).toEqual({ name, code: isDoctor ? 3 : 2 });
    }
  });
});

describe('what is switched off for `up` is switched off for', () => {
  const land = (more: Record<string, string>, branch = 'feature') =>
    session.run(['land', branch, '--repo', sample.dir, '--suite', 'true', '--json'], more);

  test('land: defaults of the environment are the policy of its project, flags stand before them', async () => {
    sample.commit('defaults', { 'd.txt': 'd\n' }, 'main');
    const more = {
      STAGEGATE_STAGING_RUNNER_TIMEOUT_S: '61',
      STAGEGATE_STAGING_RUNNER_GRACE_S: '7',
      STAGEGATE_STAGING_RUNNER_INFRA_RETRIES: '5',
      STAGEGATE_STAGING_RUNNER_BACKOFF_S: '11',
      STAGEGATE_STAGING_RUNNER_BACKOFF_MAX_S: '12',
      STAGEGATE_MERGE_RETEST_TIMEOUT_S: '62',
    };
    expect((await land(more, 'defaults')).code).toBe(0);
    expect(await policyOf(sample)).toMatchObject({
      staging: { timeoutMs: 61_000, graceMs: 7_000 },
      retest: { timeoutMs: 62_000, graceMs: 7_000 },
      budgets: { infra: 5 },
      backoff: { baseMs: 11_000, maxMs: 12_000 },
    });
    const flags = ['--timeout', '63s', '--infra-retries', '1', '--backoff', '1s'];
    const line = ['land', 'defaults', '--repo', sample.dir, '--suite', 'true', ...flags];
    expect((await session.run(line, more)).code).toBe(0);
    expect(await policyOf(sample)).toMatchObject({
      staging: { timeoutMs: 63_000 },
      retest: { timeoutMs: 63_000 },
      budgets: { infra: 1 },
      backoff: { baseMs: 1_000, maxMs: 12_000 },
    });
  });

  test.each([
    [true, {}],
    [false, { STAGEGATE_MERGE_RETEST_SKIP_WHEN_CURRENT_ENABLED: 'false' }],
    [false, { STAGEGATE_MERGE_RETEST_SKIP_WHEN_CURRENT_PROJECTS: 'somebody-else' }],
  ])('land: a needless re-test is skipped: %s with %j', async (isSkipped, more) => {
    const own = new SampleRepository();
    own.commit('feature', { 'a.txt': 'a\n' }, 'main');
    const { code, stdout } = await session.run(
      ['land', 'feature', '--repo', own.dir, '--suite', 'true', '--json'],
      more,
    );
    own.dispose();
    expect({ code, isSkipped: stdout.includes('"type":"RetestSkipped"') }).toEqual({ code: 0, isSkipped });
  });

  test('what reads the state of land', async () => {
    expect((await land({})).code).toBe(0);
    const off = { STAGEGATE_MERGE_INFRA_RETRY_ENABLED: 'false' };
    const queue = await session.run(['queue', '--repo', sample.dir, '--json'], off);
    expect(lastJson(queue)).toMatchObject({ switches: [{ mergeInfraRetry: false, stagingRunner: true }] });
  });

  test.each([
    [
      'land',
      { STAGEGATE_STAGING_RUNNER_ENABLED: 'false' },
      'STAGEGATE_STAGING_RUNNER_ENABLED: expected true, saw false',
    ],
    [
      'land',
      { STAGEGATE_STAGING_RUNNER_PROJECTS: 'x' },
      'STAGEGATE_STAGING_RUNNER_PROJECTS: expected \\* or [a-z]+ among',
    ],
    ['land', { STAGEGATE_REAPER_MAX_RUNNING_S: '1000' }, 'STAGEGATE_REAPER_MAX_RUNNING_S: expected at least 1[0-9]+'],
    [
      'demo',
      { STAGEGATE_STAGING_RUNNER_ENABLED: 'false' },
      'STAGEGATE_STAGING_RUNNER_ENABLED: expected true, saw false',
    ],
    ['demo', { STAGEGATE_STAGING_RUNNER_PROJECTS: 'shop' }, 'STAGEGATE_STAGING_RUNNER_PROJECTS: .*shop-bots among'],
  ] as const)('%s: refused with %j, since it could do nothing', async (verb, more, says) => {
    const { code, stdout, stderr } = verb === 'land' ? await land(more) : await session.run(['demo', '--once'], more);
    expect({ code, isSilent: stdout === '' }).toEqual({ code: 2, isSilent: true });
    expect(stderr).toMatch(new RegExp(`^stagegate: ${says}.*; .+\\n$`));
  });

  test('exec: limits and the end of whole trees', async () => {
    const more = { STAGEGATE_STAGING_RUNNER_TIMEOUT_S: '1', STAGEGATE_STAGING_RUNNER_GRACE_S: '1' };
    const late = await session.run(['exec', '--json', '--', 'sleep', '600'], more);
    expect({ code: late.code, ...(lastJson(late) as object) }).toMatchObject({ code: 125, kind: 'tool_error' });
    expect(late.stdout).toMatch(/"reason":"timeout/);
    const off = { STAGEGATE_SUBPROCESS_TREE_KILL_ENABLED: 'false' };
    expect(lastJson(await session.run(['exec', '--json', '--', 'true'], off))).toMatchObject({ isolation: 'none' });
    const landed = await land({ ...off }, 'feature');
    expect(landed.code).toBe(0);
  });

  test('demo', async () => {
    const result = await runCli(['demo', '--once', '--json'], {
      STAGEGATE_MERGE_RETEST_SKIP_WHEN_CURRENT_ENABLED: 'false',
      STAGEGATE_SUBPROCESS_TREE_KILL_ENABLED: 'false',
    });
    expectAsAnnounced(result);
    expect(result.stdout).not.toContain('RetestSkipped');
    expect(result.stdout).toContain('"isolation":"none"');
  });
});

describe('stagegate switch', () => {
  const run = (...args: readonly string[]) => session.run(['switch', ...args], env, sample.work);
  const why = ['--project', 'web', '--reason', 'to see'];

  test.each([
    [
      ['stagingRuner', 'off', ...why],
      /^stagegate: name: expected one of .*saw "?stagingRuner"?; did you mean stagingRunner\?$/,
    ],
    [['stagingRuner'], /did you mean stagingRunner\?$/],
    [['stagingRunner', 'of', ...why], /^stagegate: state: expected on, off or default, saw "?of"?; .+$/],
    [
      ['stagingRunner', 'off', '--project', 'web'],
      /^stagegate: --reason: expected a text for the record, saw none; .+$/,
    ],
    [['stagingRunner', 'off', '--reason', 'x'], /^stagegate: --project: expected a project, saw none; .+$/],
    [
      ['stagingRunner', 'off', '--project', 'wbe', '--reason', 'x'],
      /^stagegate: project: expected one of web, saw "?wbe"?/,
    ],
    [['stagingRunner', 'off', '--project', 'web', '--reason', ''], /^stagegate: reason: expected 1 to 500 characters/],
    [['--project', 'wbe'], /^stagegate: project: expected one of web, saw "?wbe"?/],
  ])('%j is refused in one line', async (args, says) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd()).toMatch(says);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  test('sets one, shows who says so, and gives it back', async () => {
    expect((await run('mergeInfraRetry', 'off', ...why)).stdout).toMatch(
      /^web: mergeInfraRetry is now off \(.+: to see\)\n$/,
    );
    expect((await run('mergeInfraRetry', 'off', ...why)).stdout).toMatch(/^web: mergeInfraRetry was off already \(/);
    expect((await run('mergeInfraRetry')).stdout).toMatch(
      /^project .*\nweb +mergeInfraRetry +off +.+, since .+: to see\n$/,
    );
    const queue = lastJson(await session.run(['queue', '--json'], env)) as { switches: readonly object[] };
    expect(queue.switches).toMatchObject([{ mergeInfraRetry: false, origins: { mergeInfraRetry: { from: 'event' } } }]);
    expect((await run('mergeInfraRetry', 'default', ...why)).stdout).toContain('mergeInfraRetry is now on (built in)');
    const off = { STAGEGATE_MERGE_INFRA_RETRY_ENABLED: 'false' };
    const list = lastJson(await session.run(['switch', 'mergeInfraRetry', '--json'], { ...env, ...off }));
    const origin = { from: 'environment' };
    expect(list).toEqual({ items: [{ project: 'web', switch: 'mergeInfraRetry', enabled: false, origin }] });
  });

  test('holds for land, before the environment, in the state that it was set in', async () => {
    const own = new SampleRepository();
    own.commit('one', { 'a.txt': 'a\n' }, 'main');
    own.commit('two', { 'b.txt': 'b\n' }, 'main');
    const land = (branch: string, more: Record<string, string> = {}) =>
      session.run(['land', branch, '--repo', own.dir, '--suite', 'true', '--json'], more);
    expect((await land('one')).code).toBe(0);
    const list = lastJson(await session.run(['switch', 'stagingRunner', '--repo', own.dir, '--json']));
    const { project } = (list as { items: readonly { project: string }[] }).items[0] ?? { project: '' };
    const set = (state: string) =>
      session.run(['switch', 'stagingRunner', state, '--project', project, '--reason', 'to see', '--repo', own.dir]);
    expect((await set('off')).code).toBe(0);
    const refused = await land('two');
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(
      /^stagegate: stagingRunner of .+: expected on, saw off \(.+: to see\); land runs the suite itself: .+\n$/,
    );
    expect((await set('on')).code).toBe(0);
    expect((await land('two', { STAGEGATE_STAGING_RUNNER_ENABLED: 'false' })).code).toBe(0);
    own.dispose();
  });
});

/** The policy that was recorded last. */
async function policyOf({ dir }: SampleRepository): Promise<unknown> {
  const store = await openSqliteEventStore(join(dir, 'stagegate', 'events.db'));
  const { events } = await store.readAll({ prefixes: ['policy-'], limit: 1_000 });
  await store.close();
  return (events.at(-1)?.data as { policy: unknown }).policy;
}
