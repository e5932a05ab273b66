import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { HANDED_TO_RUNS } from '../../../src/domain/handed-to-runs';
import { ConfigError } from '../../../src/infrastructure/config/config-error';
import { loadServiceConfig } from '../../../src/infrastructure/config/service-config';
import { EXEMPT_PREFIX, SERVICE_KEYS } from '../../../src/infrastructure/config/service-keys';

function refusal(environment: Record<string, string>): string {
  try {
    loadServiceConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('expected the start to be refused');
}

test('without any variable the service runs on its defaults', () => {
  const config = loadServiceConfig({});
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 7420,
    logLevel: 'info',
    eventStore: { kind: 'file', path: `${config.stateDir}${sep}events.db` },
    readModel: { kind: 'file', path: `${config.stateDir}${sep}read-model.db` },
    slots: { 'staging-suite': 2, agent: 4, 'merge-gate': 2, landing: 8, 'landing-recovery': 8 },
    switches: { stagingRunner: { enabled: true, projects: '*' } },
    subprocessTreeKillEnabled: true,
    setupCacheEnabled: true,
    reaperMaxRunningS: 14_400,
  });
  expect(config.stateDir).toBe(`${process.cwd()}${sep}.stagegate`);
});

test('values are read from the environment', () => {
  const config = loadServiceConfig({
    STAGEGATE_STATE_DIR: '/var/lib/stagegate',
    STAGEGATE_EVENT_STORE_URL: 'memory:',
    STAGEGATE_READ_MODEL_URL: 'file:/tmp/rows.db',
    STAGEGATE_PORT: '0',
    STAGEGATE_MERGE_INFRA_RETRY_ENABLED: 'false',
    STAGEGATE_STAGING_RUNNER_PROJECTS: 'web, site',
    STAGEGATE_STAGING_RUNNER_TIMEOUT_S: '60',
    STAGEGATE_SLOTS_MERGE_GATE: '7',
    PATH: '/bin',
  });
  expect(config).toMatchObject({
    stateDir: '/var/lib/stagegate',
    eventStore: { kind: 'memory' },
    readModel: { kind: 'file', path: '/tmp/rows.db' },
    port: 0,
    switches: {
      mergeInfraRetry: { enabled: false, projects: '*' },
      stagingRunner: { enabled: true, projects: ['web', 'site'] },
    },
    defaults: { timeoutMs: 60_000 },
    slots: { 'merge-gate': 7 },
  });
});

test.each(['STAGEGATE_EVENT_STORE_URL', 'STAGEGATE_READ_MODEL_URL', 'STAGEGATE_HOST', 'PGPASSWORD', 'PGSERVICEFILE'])(
  'agents get no %s, whoever lists it',
  (name) => {
    expect(refusal({ STAGEGATE_AGENT_ENV: `PATH,${name}` })).toMatch(
      new RegExp(`^STAGEGATE_AGENT_ENV: expected .* none of the service's own, saw .*; take ${name} out`),
    );
    expect(loadServiceConfig({ STAGEGATE_AGENT_ENV: `PATH,MY_${name}` }).agentEnvironment).toEqual([
      'PATH',
      `MY_${name}`,
    ]);
  },
);

test('a switch has no say in the policy of a project: people set it while the service runs', () => {
  const off = { STAGEGATE_SUBPROCESS_TREE_KILL_ENABLED: 'false', STAGEGATE_STAGING_RUNNER_ENABLED: 'false' };
  expect(loadServiceConfig(off).defaults).toEqual(loadServiceConfig({}).defaults);
});

describe('unknown variables', () => {
  test('are refused with the nearest name', () => {
    expect(refusal({ STAGEGATE_STAGING_RUNER_ENABLED: 'false' })).toMatch(
      /^STAGEGATE_STAGING_RUNER_ENABLED: unknown variable; did you mean STAGEGATE_STAGING_RUNNER_ENABLED\?/,
    );
    expect(refusal({ STAGEGATE_PROJECT: 'x' })).toContain('did you mean STAGEGATE_PROJECTS?');
  });

  test('that resemble nothing are refused without a guess', () => {
    expect(refusal({ STAGEGATE_ZZZZZZZZZZZZZZZZZZZZZZZZZZ: '1' })).not.toContain('did you mean');
  });

  test('under the prefix of tests are never those of the service, and STAGEGATE_TEST_ is kept for a switch', () => {
    expect(Object.values(SERVICE_KEYS).filter(({ name }) => name.startsWith(EXEMPT_PREFIX))).toEqual([]);
    expect('STAGEGATE_TEST_RUNNER_ENABLED'.startsWith(EXEMPT_PREFIX)).toBe(false);
    expect(refusal({ STAGEGATE_TEST_SEEDS: '1' })).toMatch(/^STAGEGATE_TEST_SEEDS: unknown variable/);
  });

  test('of tests, of what runs are handed, and of others are let be', () => {
    const handed = Object.fromEntries(HANDED_TO_RUNS.map((name) => [name, 'x']));
    expect(HANDED_TO_RUNS).toContain('STAGEGATE_VERDICT_VALUES');
    expect(() =>
      loadServiceConfig({ STAGEGATE_SELFTEST_PG_URL: 'x', ...handed, STAGEGATES: 'y', HOME: '/' }),
    ).not.toThrow();
  });
});

describe('invalid values are refused in one line', () => {
  test.each([
    ['STAGEGATE_PORT', '80x'],
    ['STAGEGATE_PORT', '65536'],
    ['STAGEGATE_PORT', '-1'],
    ['STAGEGATE_PORT', ''],
    ['STAGEGATE_PORT', '0x50'],
    ['STAGEGATE_PORT', '007'],
    ['STAGEGATE_MERGE_RETEST_TIMEOUT_S', '0'],
    ['STAGEGATE_MERGE_RETEST_TIMEOUT_S', 'Infinity'],
    ['STAGEGATE_MERGE_RETEST_TIMEOUT_S', 'NaN'],
    ['STAGEGATE_MERGE_RETEST_TIMEOUT_S', '1e3'],
    ['STAGEGATE_MERGE_RETEST_TIMEOUT_S', '900s'],
    ['STAGEGATE_REAPER_MAX_RUNNING_S', '90000'],
    ['STAGEGATE_STAGING_RUNNER_ENABLED', 'yes'],
    ['STAGEGATE_STAGING_RUNNER_PROJECTS', ''],
    ['STAGEGATE_STAGING_RUNNER_PROJECTS', 'web,'],
    ['STAGEGATE_STAGING_RUNNER_PROJECTS', '*,web'],
    ['STAGEGATE_LOG_LEVEL', 'verbose'],
    ['STAGEGATE_SLOTS_AGENT', '0'],
    ['STAGEGATE_STATE_DIR', ''],
    ['STAGEGATE_AGENT_ENV', 'A B'],
    ['STAGEGATE_HOST', 'localhost'],
    ['STAGEGATE_HOST_NAMES', 'a,-b'],
    ['STAGEGATE_HOST_NAMES', 'a,'],
    ['STAGEGATE_TRUSTED_PROXIES', '10.0.0.1,'],
    ['STAGEGATE_TRUSTED_PROXIES', 'loopback'],
    ['STAGEGATE_EVENT_STORE_URL', 'events.db'],
    ['STAGEGATE_EVENT_STORE_URL', 'file:'],
    ['STAGEGATE_READ_MODEL_URL', 'esdb://x'],
    ['STAGEGATE_EVENT_STORE_URL', 'file://host/events.db'],
  ])('%s=%j', (name, value) => {
    const message = refusal({ [name]: value });
    expect(message).toMatch(new RegExp(`^${name}: expected .+, saw .+; .+`));
    expect(message).not.toContain('\n');
    expect(message).toContain(value === '' ? 'saw nothing' : name.endsWith('_URL') ? 'not shown' : value);
  });

  test('an EventStoreDB store is taken as it is written', () => {
    for (const url of [
      'esdb://127.0.0.1:2113?tls=false',
      'esdb://ann:secret@db',
      'esdb://ann:s%40cret@a:2111,b:2112,c:2113/?tls=true&tlsCAFile=/etc/ca.crt&nodePreference=leader',
      'esdb+discover://ann:secret@cluster.example:2113?maxDiscoverAttempts=3',
    ])
      expect(loadServiceConfig({ STAGEGATE_EVENT_STORE_URL: url }).eventStore).toEqual({ kind: 'eventstoredb', url });
  });

  // The client would read each of them differently, or pass over it with a warning that shows the password.
  test.each([
    ['esdb://db:2113', 'USER:PASSWORD@, or tls=false'],
    ['esdb://ann@db?tls=false', 'write it as esdb://'],
    ['esdb://ann:secret:x@db', 'write it as esdb://'],
    ['esdb://ann:se@cret@db', 'write it as esdb://'],
    ['esdb://ann:se/cret@db', 'write it as esdb://'],
    ['esdb://ann:secret%@db', 'write it as esdb://'],
    ['esdb://ann:secret@', 'write it as esdb://'],
    ['esdb://ann:secret@db?tls=false?tls=true', 'write it as esdb://'],
    ['esdb://ann:secret@db?tlsVerifyCert=false', 'option tlsVerifyCert: only tls,'],
    ['esdb://ann:secret@db?throwOnAppendFailure=false', 'option throwOnAppendFailure: only tls,'],
    ['esdb://ann:secret@db?nodePreference=follower', 'option nodePreference does not take that value'],
    ['esdb://ann:secret@db?keepAliveInterval=5', 'option keepAliveInterval: only'],
    ['esdb://ann:secret@db?toString=x', 'an option: only tls,'],
    ['esdb://ann:secret@db?tls=yes', 'option tls does not take that value'],
    ['esdb:ann:secret@db', 'write it as esdb://'],
    ['esdb://ann:secret@db:0', 'a port is a number from 1 to 65535'],
    ['esdb://ann:secret@a:2113,b:99999', 'a port is a number from 1 to 65535'],
    ['kurrentdb://ann:secret@db', 'the scheme is esdb://'],
  ])('%s is refused, and its password is not shown', (url, advice) => {
    const message = refusal({ STAGEGATE_EVENT_STORE_URL: url });
    expect(message).toContain(advice);
    expect(message).not.toMatch(/secret|cret@|se@/);
  });

  test('read models cannot be kept in EventStoreDB', () => {
    const message = refusal({ STAGEGATE_READ_MODEL_URL: 'esdb://ann:secret@db:2113' });
    expect(message).toContain('EventStoreDB keeps the events alone; use file:PATH or postgres://…');
    expect(message).not.toContain('secret');
  });

  test('a PostgreSQL store needs a host and a database, and its password is not shown', () => {
    const of = (url: string) => loadServiceConfig({ STAGEGATE_EVENT_STORE_URL: url }).eventStore;
    for (const url of ['postgres://ann:secret@db/log', 'postgresql:///log?host=/run/postgresql'])
      expect(of(url)).toEqual({ kind: 'postgres', url });
    expect(refusal({ STAGEGATE_EVENT_STORE_URL: 'postgres://ann:secret@db' })).toMatch(
      /saw postgres: \(the rest is not shown, .*name of the database/,
    );
    expect(refusal({ STAGEGATE_EVENT_STORE_URL: 'postgres:///log' })).toContain(
      'name the host: postgres://HOST/DATABASE',
    );
    for (const url of ['postgres://ann:secret@one,two/log', 'postgres://ann:secret@/log?host=one,two'])
      expect(refusal({ STAGEGATE_EVENT_STORE_URL: url })).toMatch(/several hosts are not tried in turn; name one/);
  });

  test('addresses, names and proxies are taken as they are written', () => {
    for (const host of ['0.0.0.0', '::', '10.1.2.3', 'fd00::1'])
      expect(loadServiceConfig({ STAGEGATE_HOST: host })).toMatchObject({ host, hostNames: [], trustedProxies: [] });
    const named = { STAGEGATE_HOST_NAMES: 'Gate.example.org, gate', STAGEGATE_TRUSTED_PROXIES: '10.0.0.0/8, ::1' };
    expect(loadServiceConfig(named)).toMatchObject({
      hostNames: ['gate.example.org', 'gate'],
      trustedProxies: ['10.0.0.0/8', '::1'],
    });
    for (const range of ['10.0.0.0/33', '10.0.0.0/0', '10.0.0.0/8/9', '::1/129', 'x/8'])
      expect(refusal({ STAGEGATE_TRUSTED_PROXIES: range })).toMatch(
        /^STAGEGATE_TRUSTED_PROXIES: expected "none" or IP/,
      );
  });

  test('the log and the read models in one file, by whatever name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'stagegate-one-file-'));
    mkdirSync(join(folder, 'state'));
    symlinkSync(join(folder, 'state'), join(folder, 'link'));
    writeFileSync(join(folder, 'state', 'events.db'), '');
    linkSync(join(folder, 'state', 'events.db'), join(folder, 'hard.db'));
    const of = (readModel: string) => ({
      STAGEGATE_STATE_DIR: join(folder, 'state'),
      STAGEGATE_READ_MODEL_URL: readModel,
    });
    for (const url of [
      'file:events.db',
      'file:./x/../events.db',
      'file:events.db-wal',
      `file:${folder}/link/events.db`,
    ])
      expect(refusal(of(url))).toMatch(
        /^STAGEGATE_READ_MODEL_URL: expected a file of its own, saw .*; unset it for file:/,
      );
    expect(refusal(of(`file:${folder}/hard.db`))).toContain('expected a file of its own');
    expect(loadServiceConfig(of('file:rows.db')).readModel).toEqual({ kind: 'file', path: `${folder}/state/rows.db` });
    rmSync(folder, { recursive: true });
  });

  test('values that contradict each other name both variables', () => {
    const message = refusal({ STAGEGATE_MERGE_RETEST_TIMEOUT_S: '14401' });
    expect(message).toMatch(/^STAGEGATE_MERGE_RETEST_TIMEOUT_S: .*14400.*STAGEGATE_REAPER_MAX_RUNNING_S.*14401/);
    expect(refusal({ STAGEGATE_STAGING_RUNNER_BACKOFF_S: '601' })).toContain('_BACKOFF_MAX_S');
  });
});
